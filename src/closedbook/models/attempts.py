"""What happened on the way to one answer: every attempt, the failed ones too.

A client tells when it sends, and notes its attempts; whoever asked collects them. Neither knows the
other: what collects travels with the task that asks.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from contextvars import ContextVar, Token
from dataclasses import dataclass, field
from typing import NamedTuple


class Attempt(NamedTuple):
    """One request sent: "ok" or why it failed, how many seconds it took, and the tokens it cost;
    None where they are not known, as of an answer that was not waited for."""

    outcome: str
    seconds: float
    prompt_tokens: int | None = None
    completion_tokens: int | None = None

    @property
    def is_counted(self) -> bool:
        return self.prompt_tokens is not None and self.completion_tokens is not None


@dataclass(slots=True)
class Collected(AbstractContextManager["Collected"]):
    """Within a `with` block `attempts` gets what this task's clients note. `sending`, called with
    the number of the attempt, is waited for before each is sent, and `retrying` before a slot is
    waited for to send again."""

    attempts: list[Attempt] = field(default_factory=list)
    sending: Callable[[int], Awaitable[None]] | None = None
    retrying: Callable[[], Awaitable[None]] | None = None
    _before: Token[Collected | None] = field(init=False)

    def __enter__(self) -> Collected:
        self._before = _collected.set(self)
        return self

    def __exit__(self, *_: object) -> None:
        _collected.reset(self._before)


_collected: ContextVar[Collected | None] = ContextVar("collected", default=None)


def note_attempt(attempt: Attempt) -> None:
    """Tell whoever collects, if anybody does."""
    if (collected := _collected.get()) is not None:
        collected.attempts.append(attempt)


async def about_to_send() -> None:
    """Wait until whoever collects is ready for one more attempt."""
    collected = _collected.get()
    if collected is not None and collected.sending is not None:
        await collected.sending(len(collected.attempts))


async def about_to_retry() -> None:
    """Wait until whoever collects can pay for one more attempt."""
    collected = _collected.get()
    if collected is not None and collected.retrying is not None:
        await collected.retrying()
