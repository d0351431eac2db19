"""Asking a model through the journal.

A request that was answered before is not sent again; equal requests in flight are sent once. Knows
the journal and the chat protocol, not who asks or why. An answer is handed out only after it is
durable.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass

import orjson

from closedbook.engine.budget import UNCAPPED, Budget
from closedbook.errors import ProviderError
from closedbook.models.attempts import Attempt, collected_attempts
from closedbook.models.chat import ChatModel, ChatRequest
from closedbook.models.endpoint import Endpoint
from closedbook.records import Completion
from closedbook.store.journal import Call, Journal, storable

KEY_VERSION = 1


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


@dataclass(frozen=True, slots=True)
class Answer:
    """A completion, and whether it was there already: in the journal, or on its way."""

    completion: Completion
    replayed: bool


class Asker:
    """Asks one model, with one journal behind it and one budget before it."""

    def __init__(self, model: ChatModel, journal: Journal, budget: Budget | None = None) -> None:
        self.budget = budget or Budget(UNCAPPED)
        self._model = model
        self._journal = journal
        self._in_flight: dict[bytes, asyncio.Future[Completion | ProviderError | None]] = {}

    @property
    def in_flight(self) -> int:
        """Requests begun and not answered that wait for no slot."""
        return len(self._in_flight) - self.waiting

    @property
    def waiting(self) -> int:
        """Requests that wait for a slot of the endpoint."""
        return self._model.load().waiting if isinstance(self._model, Endpoint) else 0

    async def ask(self, request: ChatRequest, *, step: str, document: str) -> Answer:
        """The answer, from the journal or the model. Raises ProviderError (this request),
        BudgetExhausted before it is sent, AuthError or JournalError (the run)."""
        request = self._model.resolve(request)
        key = request_key(self._model.identity, request)
        while (other := self._in_flight.get(key)) is not None:
            # Shielded: whoever waits may be cancelled alone.
            came = await asyncio.shield(other)
            if isinstance(came, ProviderError):
                raise came
            if came is not None:
                return Answer(came, replayed=True)
        # What comes of it; None if this asker was stopped, so that another may ask.
        mine = self._in_flight[key] = asyncio.get_running_loop().create_future()
        came = None
        try:
            came = await self._journal.lookup(key)
            if came is not None:
                return Answer(came, replayed=True)
            came = await self._bought(key, request, step, document)
            return Answer(came, replayed=False)
        except ProviderError as error:
            came = error
            raise
        finally:
            del self._in_flight[key]
            mine.set_result(came)

    async def _bought(
        self, key: bytes, request: ChatRequest, step: str, document: str
    ) -> Completion:
        started = time.monotonic()
        reserved = await self.budget.reserve(request)
        with collected_attempts() as attempts:
            try:
                answer = await self._model.complete(request, document)
                if not attempts:
                    tokens = (answer.prompt_tokens, answer.completion_tokens)
                    attempts.append(Attempt("ok", time.monotonic() - started, *tokens))
            except ProviderError:
                # None, if the request was given up before it was sent.
                await self._journal.record_failure(key, self._calls(attempts, step, document))
                raise
            finally:
                self.budget.settle(reserved, attempts)
        calls = self._calls(attempts, step, document)
        return await self._journal.record(key, self._model.identity, answer, calls)

    def _calls(self, attempts: Sequence[Attempt], step: str, document: str) -> list[Call]:
        return [
            Call(
                step,
                document,
                attempt.outcome,
                attempt.seconds,
                attempt.prompt_tokens,
                attempt.completion_tokens,
                self._model.identity,
            )
            for attempt in attempts
        ]
