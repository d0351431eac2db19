"""The client of any OpenAI-compatible chat endpoint, at one address or at several replicas.

It knows the protocol and how long to go on asking; not steps, not the journal. `client` sends,
`replies` says what a reply means, `replicas` where and when to send. AuthError stops the run; a
ProviderError is either final (this request can never be answered) or what was left when asking
again was given up. Waiting to ask again holds no slot.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import cached_property
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

import anyio
import orjson

from closedbook.config import EndpointTeacher
from closedbook.errors import AuthError, UserError
from closedbook.hints import addresses_shown
from closedbook.models.attempts import Attempt, about_to_retry, about_to_send, note_attempt
from closedbook.models.chat import ChatModel, ChatRequest, Health, Sampling
from closedbook.models.client import Client
from closedbook.models.probing import Revival, served_at
from closedbook.models.profiles import Profile
from closedbook.models.replicas import LONGEST_PAUSE, Load, Replica, Replicas, Slot
from closedbook.models.replies import Failure, Outcome, read_completion
from closedbook.models.resolving import Terms, body_of
from closedbook.records import Completion

LONGEST_BACKOFF = 60.0
SILENT_AFTER = 5.0
"""Seconds in which requests failed and none was served, until that is told."""
NOTHING_KNOWN = Profile(profile="plain")
NO_TOKENS = (0, 0)


@dataclass(frozen=True, slots=True)
class Form:
    """What is asked for at an address: the `path` after it, the JSON `body` for a resolved request
    and the model's name, and how an answer is `read` from a reply (raises Failure without one)."""

    path: str
    body: Callable[[ChatRequest, str], dict[str, Any]]
    read: Callable[[Mapping[str, Any], ChatRequest, Profile], Completion]


CHAT = Form(
    "chat/completions",
    body_of,
    lambda reply, request, profile: read_completion(reply, profile.thinking, request.thinking),
)


class Endpoint(ChatModel):
    """A ChatModel over HTTP; use as `async with Endpoint(settings, profile) as model`.

    `served_context` is how many tokens the server takes, prompt and answer together: known after
    `probe`, if the server says so; of several replicas the shortest counts.
    `first_wait` is the mean number of seconds before the second attempt; it doubles each time. A
    replica that was taken out is probed every three times as long, and at least twice before all
    are given up. Raises UserError for two credentials.
    """

    def __init__(
        self,
        settings: EndpointTeacher,
        profile: Profile = NOTHING_KNOWN,
        *,
        form: Form | None = None,
        first_wait: float = 1.0,
    ) -> None:
        if settings.api_key and any("@" in urlsplit(url).netloc for url in settings.addresses):
            raise UserError("base_url holds a name or password beside api_key: only one is sent")
        self.profile = profile
        self._form = form or CHAT
        self.served_context: int | None = None
        self._settings = settings
        self._first_wait = first_wait
        self._failure = ""
        self._failed = 0  # in a row, since
        self._failing_since = 0.0
        self._terms: dict[tuple[bool | None, Sampling], Terms] = {}
        self._client = Client(settings.api_key, settings.timeout)
        self._open = AsyncExitStack()
        wait = min(3 * first_wait, settings.give_up_after / 3)
        self._revival = Revival(self._client, wait)
        self._replicas = _all_up(settings, self._revival)
        self._stopped = asyncio.Event()

    async def __aenter__(self) -> Endpoint:
        await self._open.enter_async_context(self._client)
        await self._open.enter_async_context(self._revival)
        self._replicas = _all_up(self._settings, self._revival)
        self._stopped = asyncio.Event()  # of this event loop
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()
        await self._open.aclose()

    @cached_property
    def identity(self) -> str:
        """Model and revision; never the URL."""
        name, revision = self._settings.model, self._settings.revision
        return f"{name}@{revision}" if revision else name

    def resolve(self, request: ChatRequest) -> ChatRequest:
        """The request with what settings and profile add. Raises UserError for thinking that the
        model cannot be switched to."""
        asked = request.thinking, request.sampling
        terms = self._terms.get(asked)
        if terms is None:
            terms = self._terms[asked] = Terms.of(*asked, self._settings, self.profile)
        return terms.applied(request)

    @property
    def slots(self) -> int:
        """How many requests all replicas may be given at a time."""
        return self._settings.concurrency * len(self._settings.addresses)

    @property
    def health(self) -> Health:
        """Its trouble is the last failure, while no replica is up or while for some time more has
        failed than is on its way, and nothing was served."""
        load, missing = self.load(), ""
        lasting = time.monotonic() - self._failing_since >= SILENT_AFTER
        silent = not load.replicas_up or (lasting and self._failed > load.in_flight)
        if load.out and load.replicas_up:
            addresses = addresses_shown(", ".join(load.out))
            missing = f"no answer from {addresses}: going on with {load.replicas_up} of"
            missing += f" {load.replicas} addresses"
        trouble = self._failure if silent else ""
        return Health(load.in_flight, trouble, missing, bool(self._replicas.refusal))

    def load(self) -> Load:
        """How busy it is now."""
        return self._replicas.load()

    def stop(self) -> None:
        self._stopped.set()
        self._revival.stop()
        self._replicas.refuse("stopped")

    async def complete(self, request: ChatRequest, affinity: str = "") -> Completion:
        """The answer to a resolved `request`; requests of one `affinity` go to one replica while it
        can take them. Raises AuthError, or ProviderError when asking again cannot help or has
        not."""
        body = orjson.dumps(self._form.body(request, self._settings.model))
        persistence = _Persistence(self._settings, self._first_wait, self._replicas)
        while True:
            try:
                return await self._attempt(request, body, affinity, persistence)
            except Failure as failure:
                self._failure = failure.message
                if failure.retryable:
                    self._failing_since = self._failing_since or time.monotonic()
                    self._failed += 1
                wait = persistence.wait_after(failure)
                with anyio.move_on_after(wait):
                    await self._stopped.wait()
                    raise
            await about_to_retry()

    async def probe(self) -> str | None:
        """What is wrong with any replica, in one line; None if each serves the model (or does not
        list what it serves). Asks the model nothing."""
        name = self._settings.model
        addresses = self._settings.addresses
        seen = await asyncio.gather(*[served_at(self._client, url, name) for url in addresses])
        lengths = (self.served_context, *(context for _, context in seen))
        self.served_context = min(filter(None, lengths), default=None)
        return addresses_shown("; ".join([problem for problem, _ in seen if problem])) or None

    async def _attempt(
        self, request: ChatRequest, body: bytes, affinity: str, persistence: _Persistence
    ) -> Completion:
        async with self._replicas.slot(affinity, persistence.tried) as slot:
            await about_to_send()
            persistence.count(slot.replica)
            url = f"{slot.replica.url}/{self._form.path}"
            try:
                reply = await self._client.post(url, body)
                completion = self._form.read(reply, request, self.profile)
            except Failure as failure:
                slot.outcome, slot.retry_after = failure.outcome, failure.retry_after
                if failure.outcome is not Outcome.UNREACHABLE:
                    # A reply with a status says that nothing was generated; no reply says nothing.
                    _note(slot, failure.message, NO_TOKENS if failure.status else ())
                raise
            except AuthError as error:
                _note(slot, error.message, NO_TOKENS)
                raise
            except asyncio.CancelledError:
                _note(slot, "cancelled")
                raise
            slot.outcome = Outcome.SERVED
            self._failed, self._failing_since = 0, 0.0
            _note(slot, "ok", (completion.prompt_tokens, completion.completion_tokens))
        return completion


class _Persistence:
    """How long one request goes on being asked.

    A failure to connect is never the request's fault: it is asked again until both `attempts` and
    `give_up_after` are used up. What failed although it was sent is sent `attempts` times; but what
    was not answered in time is not sent again after `give_up_after`. Neither that nor that a
    replica does not know the model ends it while another is up where it was not `tried`.
    """

    def __init__(self, settings: EndpointTeacher, first_wait: float, replicas: Replicas) -> None:
        self.tried: list[Replica] = []
        self._replicas = replicas
        self._settings = settings
        self._first_wait = first_wait
        self._started = 0.0
        self._sent = 0

    def count(self, replica: Replica) -> None:
        """The request is sent now."""
        self.tried.append(replica)
        self._started = self._started or time.monotonic()

    def wait_after(self, failure: Failure) -> float:
        """Seconds until it is to be asked again: exponential with jitter, and no sooner than the
        endpoint said, unless another replica may be asked. Raises the failure if it is not."""
        self._sent += failure.outcome is not Outcome.UNREACHABLE
        in_vain = failure.outcome in (Outcome.DECLINED, Outcome.MISPLACED)
        if (in_vain and not self._only_here(failure)) or self._is_over(failure):
            raise failure
        longest = min(LONGEST_BACKOFF, self._first_wait * 2.0 ** min(len(self.tried) - 1, 30))
        backoff = longest * random.uniform(0.5, 1.5)
        if self._replicas.any_but(self.tried[-1:], open_now=True):
            return backoff
        return max(backoff, min(failure.retry_after or 0.0, LONGEST_PAUSE))

    def _is_over(self, failure: Failure) -> bool:
        late = time.monotonic() - self._started >= self._settings.give_up_after
        if failure.outcome is Outcome.TIMED_OUT and late and not self._only_here(failure):
            return True
        most = self._settings.attempts
        return self._sent >= most or (len(self.tried) >= most and late)

    def _only_here(self, failure: Failure) -> bool:
        """Whether another replica may do better."""
        of_the_replica = failure.outcome in (Outcome.TIMED_OUT, Outcome.MISPLACED)
        return of_the_replica and self._replicas.any_but(self.tried)


def _all_up(settings: EndpointTeacher, revival: Revival) -> Replicas:
    def taken_out(replica: Replica) -> None:
        revival.begin(replica, replicas.bring_back)

    replicas = Replicas(settings.addresses, settings.concurrency, settings.give_up_after, taken_out)
    return replicas


def _note(slot: Slot, outcome: str, tokens: tuple[int | None, ...] = ()) -> None:
    note_attempt(Attempt(outcome, time.monotonic() - slot.started, *tokens))
