"""The simulated model server without its HTTP: slots, latency, teacher, counts.

A request is refused or takes a slot, first come first served; in the slot its reply is made and its
latency passes. It decides which fault befalls a request and makes those that are in the reply;
`server` makes those that are in the sending.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from typing import Any

import anyio
import orjson

from closedbook.models import ChatRequest
from closedbook.models.rehearsal import RehearsalTeacher
from closedbook.records import Completion, Message
from closedbook.simulator import replies
from closedbook.simulator.asked import Asked, fault_of, latency
from closedbook.simulator.settings import Fault, SimulatorSettings, settings_from
from closedbook.simulator.stats import Stats
from closedbook.simulator.tokens import PrefixCache

Reply = Callable[[tuple[Message, ...], int], str]
"""Messages and a seed -> text."""


class SimulatedModel:
    """A model being served. `reply` answers in place of the teacher of the settings."""

    def __init__(self, settings: SimulatorSettings, reply: Reply | None) -> None:
        self.settings = settings
        self.stats = Stats()
        self._reply = reply
        self._teacher = RehearsalTeacher()
        self._slots = anyio.CapacityLimiter(settings.slots)
        self._prefixes = PrefixCache(settings.cache_blocks)

    @property
    def waiting(self) -> int:
        """Requests in the queue."""
        return self._slots.statistics().tasks_waiting

    def change(self, changes: Mapping[str, object]) -> None:
        """Replace some settings. Raises ValueError if they cannot be."""
        self.settings = settings_from({**self.settings.model_dump(), **changes})
        self._slots.total_tokens = self.settings.slots
        self._prefixes.capacity = self.settings.cache_blocks

    def reset(self) -> None:
        self.stats.reset()
        self._prefixes.clear()

    async def serve(self, asked: Asked) -> tuple[bytes, Fault | None]:
        """The body of the reply (empty if the fault leaves nothing of it) and the fault."""
        if (
            self._is_full()
        ):  # depends on timing, so it must not count as an attempt: faults would too
            return b"", "rate_limit"
        fault = fault_of(asked, self.stats.attempt(asked.key), self.settings)
        if fault == "rate_limit":
            return b"", fault
        async with self._slots:
            with self.stats.busy():
                return await self._generate(asked, fault), fault

    def _is_full(self) -> bool:
        queue = self.settings.queue
        return queue is not None and self._slots.available_tokens <= 0 and self.waiting >= queue

    async def _generate(self, asked: Asked, fault: Fault | None) -> bytes:
        if fault == "hang":
            await anyio.sleep_forever()
        until = time.monotonic() + latency(asked, self.settings)
        body = b"" if fault in replies.WITHOUT_REPLY else await self._completion(asked, fault)
        if (left := until - time.monotonic()) > 0:
            await anyio.sleep(left)
        return body

    async def _completion(self, asked: Asked, fault: Fault | None) -> bytes:
        answers = [await self._answer(asked, index) for index in range(asked.choices)]
        cached = self._prefixes.read(asked.prompt)
        made = replies.completion(asked, answers, cached, self.settings.reasoning, fault)
        self.stats.answered(asked.key, made["usage"], whole=fault is None)
        if fault == "no_usage":
            del made["usage"]
        body = _dumps(made)
        return body[: len(body) // 2] if fault == "invalid_json" else body

    async def _answer(self, asked: Asked, index: int) -> Completion:
        if self._reply is not None:
            return Completion(self._reply(asked.messages, asked.seed + index))
        if self.settings.teacher == "echo":
            return Completion(self.settings.reply)
        thinks = self.settings.reasoning != "none"
        return await self._teacher.complete(ChatRequest(asked.messages, thinking=thinks))


def _dumps(body: Mapping[str, Any]) -> bytes:
    """orjson refuses lone surrogates, which a test's replies may well hold."""
    try:
        return orjson.dumps(body)
    except orjson.JSONEncodeError:
        return json.dumps(body).encode()
