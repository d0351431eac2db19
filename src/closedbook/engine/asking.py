"""Asking models through the journal.

A request that was answered before is not sent again; equal requests in flight are sent once. Knows
the journal and the chat protocol, not who asks or why. An answer is handed out only after it is
durable.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import orjson

from closedbook.engine.budget import Budget, SetAside
from closedbook.engine.role import TEACHER, Role
from closedbook.errors import AuthError, ProviderError, RunError
from closedbook.models.attempts import Attempt, Collected
from closedbook.models.chat import ChatModel, ChatRequest, Health
from closedbook.records import Completion
from closedbook.store.journal import Call, Journal, storable

KEY_VERSION = 1
LONGER = 2
"""How many times its length an answer that was cut off may have when it is asked for again."""


def request_key(identity: str, request: ChatRequest) -> bytes:
    """What an answer is filed under: the model, all that is sent to it, and the sample's number.
    `request` is resolved."""
    sampling = request.sampling
    further = {"top_k": sampling.top_k, "min_p": sampling.min_p, **request.body}
    given = {name: value for name, value in further.items() if value is not None}
    content = [
        KEY_VERSION,
        identity,
        [[message.role, storable(message.content)] for message in request.messages],
        [sampling.temperature, sampling.top_p, sampling.max_tokens],
        request.sample,
        *([given] if given else []),
    ]
    canonical = orjson.dumps(content, option=orjson.OPT_SORT_KEYS)
    return hashlib.blake2b(canonical, digest_size=20).digest()


class Answer(NamedTuple):
    """A completion, whether it was there already (in the journal, or on its way), and what it
    costs at today's price (None: unknown)."""

    completion: Completion
    replayed: bool
    usd: float | None


class Begun(NamedTuple):
    """A request on its way: who is asked, and what comes of it; None if its asker was stopped, so
    that another may ask."""

    model: ChatModel
    came: asyncio.Future[Completion | ProviderError | None]


class Asker:
    """Asks the models of some roles, with one journal behind them and one budget before them.

    `stopped` is why nothing more is sent, once it was told to stop.
    `answered` counts answers given out, `replayed` those of them that needed no request of their
    own; `sent` counts requests, `completion_tokens` those of the answers that were bought.
    """

    def __init__(
        self, roles: Mapping[str, Role], journal: Journal, budget: Budget | None = None
    ) -> None:
        self.budget = budget or Budget()
        self.stopped: RunError | None = None
        self.answered = 0
        self.replayed = 0
        self.sent = 0
        self.completion_tokens = 0
        self._roles = roles
        self._journal = journal
        self._begun: dict[bytes, Begun] = {}

    @property
    def begun(self) -> int:
        """Requests begun and not answered: sent, or waiting for a slot, a retry, the budget or the
        disk."""
        return len(self._begun)

    @property
    def health(self) -> Health:
        """Of all models together; of one that does not count, all that is begun is in flight."""
        begun = Counter([id(model) for model, _ in self._begun.values()])
        models = {id(role.model): role.model for role in self._roles.values()}
        each = {key: model.health for key, model in models.items()}
        return Health(
            sum(
                begun[key] if one.in_flight is None else one.in_flight for key, one in each.items()
            ),
            next(filter(None, (one.trouble for one in each.values())), ""),
            next(filter(None, (one.missing for one in each.values())), ""),
            any(one.given_up for one in each.values()),
        )

    async def probe(self) -> str:
        """What is wrong with the models, in one line; "" if nothing is known to be."""
        models = {id(role.model): role.model for role in self._roles.values()}.values()
        problems = await asyncio.gather(*[model.probe() for model in models])
        return "; ".join(dict.fromkeys(filter(None, problems)))

    async def ask(
        self, request: ChatRequest, *, step: str, document: str, role: str = TEACHER
    ) -> Answer:
        """The answer, from the journal or the model. Raises ProviderError (this request),
        BudgetExhausted before it is sent, AuthError or JournalError (the run)."""
        asked = self._roles[role]
        completion, replayed = await self._ask(asked, request, step, document)
        self.answered += 1
        self.replayed += replayed
        usd = asked.usd(completion.prompt_tokens, completion.completion_tokens)
        return Answer(completion, replayed, usd)

    def stop(self, why: RunError) -> bool:
        """Send nothing more; who asks gets `why`. What is on its way is received and kept. False if
        it was stopped before."""
        if self.stopped is not None:
            return False
        self.stopped = why
        for role in self._roles.values():
            role.model.stop()
        return True

    def longer(self, request: ChatRequest, role: str, cut: Completion) -> ChatRequest | None:
        """The request with room for more than `cut`, its answer; None if that was not cut off by
        a limit of tokens, or nothing says by which."""
        if cut.finish_reason != "length":
            return None
        sampling = self._roles[role].model.resolve(request).sampling
        limit = sampling.max_tokens or cut.completion_tokens
        if not limit:
            return None
        return replace(request, sampling=request.sampling._replace(max_tokens=LONGER * limit))

    async def _ask(
        self, role: Role, request: ChatRequest, step: str, document: str
    ) -> tuple[Completion, bool]:
        request = role.model.resolve(request)
        key = request_key(role.model.identity, request)
        while (other := self._begun.get(key)) is not None:
            # Shielded: whoever waits may be cancelled alone.
            came = await asyncio.shield(other.came)
            if isinstance(came, ProviderError):
                raise came
            if came is not None:
                return came, True
        mine = asyncio.get_running_loop().create_future()
        self._begun[key] = Begun(role.model, mine)
        came = None
        try:
            came = await self._journal.lookup(key)
            if came is not None:
                return came, True
            came = await self._bought(role, key, request, step, document)
            return came, False
        except ProviderError as error:
            came = error
            raise
        finally:
            del self._begun[key]
            mine.set_result(came)

    async def _bought(
        self, role: Role, key: bytes, request: ChatRequest, step: str, document: str
    ) -> Completion:
        aside, collected = SetAside(self.budget), Collected()
        attempts = collected.attempts
        self._raise_if_stopped(aside)
        if self.budget.is_capped:
            most = role.most(request)
            await aside.reserve(most)
            self._raise_if_stopped(aside)
            call = Call(
                step, document, "", 0.0, None, None, role.model.identity, most.usd, most.tokens
            )
            collected.sending = lambda attempt: self._journal.begin(key, attempt, call)
            collected.retrying = lambda: aside.renew(most, role.costs(attempts, request))
        started = time.monotonic()
        try:
            with collected:
                answer = await role.model.complete(request, document)
        except BaseException as error:
            calls = self._settled(role, request, attempts, aside, (step, document))
            written = self._journal.record_failure(key, calls)
            if isinstance(error, AuthError):
                self.stop(error)
            if isinstance(error, ProviderError):
                await written
            # Else this task was stopped, and may not be able to wait: it is written all the same.
            raise
        if not attempts:  # the model tells of none
            tokens = (answer.prompt_tokens, answer.completion_tokens)
            attempts.append(Attempt("ok", time.monotonic() - started, *tokens))
        calls = self._settled(role, request, attempts, aside, (step, document))
        self.completion_tokens += answer.completion_tokens or 0
        return await self._journal.record(key, role.model.identity, answer, calls)

    def _raise_if_stopped(self, aside: SetAside) -> None:
        if self.stopped is not None:
            aside.pay([])
            raise self.stopped

    def _settled(
        self,
        role: Role,
        request: ChatRequest,
        attempts: Sequence[Attempt],
        aside: SetAside,
        origin: tuple[str, str],
    ) -> list[Call]:
        """What the attempts cost is spent; they as the journal keeps them."""
        costs = role.costs(attempts, request)
        aside.pay(costs)
        self.sent += len(attempts)
        return [
            Call(
                *origin,
                attempt.outcome,
                attempt.seconds,
                attempt.prompt_tokens,
                attempt.completion_tokens,
                role.model.identity,
                cost.usd,
                None if attempt.is_counted else cost.tokens,
            )
            for attempt, cost in zip(attempts, costs, strict=True)
        ]
