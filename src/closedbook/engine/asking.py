"""Asking a model through the journal.

A request that was answered before is not sent again; equal requests in flight are sent once. Knows
the journal and the chat protocol, not who asks or why. An answer is handed out only after it is
durable.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import anyio
import orjson

from closedbook.errors import ProviderError
from closedbook.models.attempts import Attempt, collected_attempts
from closedbook.models.chat import ChatModel, ChatRequest
from closedbook.records import Completion
from closedbook.store.journal import Call, Journal, storable

KEY_VERSION = 1


def request_key(identity: str, request: ChatRequest) -> bytes:
    """What an answer is filed under: model, messages, sampling and the sample's number."""
    sampling = request.sampling
    content = [
        KEY_VERSION,
        identity,
        [[message.role, storable(message.content)] for message in request.messages],
        [sampling.temperature, sampling.top_p, sampling.max_tokens],
        request.sample,
    ]
    return hashlib.blake2b(orjson.dumps(content), digest_size=20).digest()


@dataclass(frozen=True, slots=True)
class Tally:
    """Distinct requests answered, how many of them by the journal, and what all of them took.
    Tokens are None if no answer came with a count."""

    asks: int = 0
    from_journal: int = 0
    prompt_tokens: int | None = None
    completion_tokens: int | None = None


class _InFlight:
    """A request that was sent and what came of it; neither, if the run is being stopped."""

    def __init__(self) -> None:
        self.done = anyio.Event()
        self.answer: Completion | None = None
        self.error: ProviderError | None = None


class Asker:
    """Asks one model, with one journal behind it."""

    def __init__(self, model: ChatModel, journal: Journal) -> None:
        self._model = model
        self._journal = journal
        self._in_flight: dict[bytes, _InFlight] = {}
        self._counted: set[bytes] = set()
        self.tally = Tally()

    async def ask(self, request: ChatRequest, *, step: str, document: str) -> Completion:
        """The answer, from the journal or the model. Raises ProviderError (this request),
        AuthError or JournalError (the run)."""
        key = request_key(self._model.identity, request)
        while (other := self._in_flight.get(key)) is not None:
            await other.done.wait()
            if other.answer is not None:
                return other.answer
            if other.error is not None:
                raise other.error
        mine = self._in_flight[key] = _InFlight()
        try:
            answer = await self._journal.lookup(key)
            replayed = answer is not None
            if answer is None:
                answer = await self._bought(key, request, step, document)
            self._count(key, answer, replayed)
            mine.answer = answer
        except ProviderError as error:
            mine.error = error
            raise
        finally:
            del self._in_flight[key]
            mine.done.set()
        return answer

    async def _bought(
        self, key: bytes, request: ChatRequest, step: str, document: str
    ) -> Completion:
        started = time.monotonic()
        with collected_attempts() as attempts:
            try:
                answer = await self._model.complete(request)
            except ProviderError as error:
                tried = attempts or [Attempt(error.message, time.monotonic() - started)]
                await self._journal.record_failure(key, _calls(tried, step, document))
                raise
        tried = attempts or [Attempt("ok", time.monotonic() - started)]
        *failed, last = _calls(tried, step, document)
        paid = replace(
            last, prompt_tokens=answer.prompt_tokens, completion_tokens=answer.completion_tokens
        )
        return await self._journal.record(key, self._model.identity, answer, [*failed, paid])

    def _count(self, key: bytes, answer: Completion, replayed: bool) -> None:
        if key in self._counted:
            return
        self._counted.add(key)
        old = self.tally
        self.tally = Tally(
            old.asks + 1,
            old.from_journal + replayed,
            _sum(old.prompt_tokens, answer.prompt_tokens),
            _sum(old.completion_tokens, answer.completion_tokens),
        )


def _calls(attempts: Sequence[Attempt], step: str, document: str) -> list[Call]:
    return [Call(step, document, attempt.outcome, attempt.seconds) for attempt in attempts]


def _sum(total: int | None, tokens: int | None) -> int | None:
    return total if tokens is None else (total or 0) + tokens
