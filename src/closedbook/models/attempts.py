"""What happened on the way to one answer: every attempt, the failed ones too.

A client notes its attempts; whoever asked collects them. Neither knows the other: the list travels
with the task that asks.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from contextvars import ContextVar, Token
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Attempt:
    """One request sent: "ok" or why it failed, how many seconds it took, and the tokens it cost;
    None where they are not known, as of an answer that was not waited for."""

    outcome: str
    seconds: float
    prompt_tokens: int | None = None
    completion_tokens: int | None = None

    @property
    def is_counted(self) -> bool:
        return self.prompt_tokens is not None and self.completion_tokens is not None


_attempts: ContextVar[list[Attempt] | None] = ContextVar("attempts", default=None)


def collecting_attempts(attempts: list[Attempt]) -> AbstractContextManager[None]:
    """Within the block, what this task's clients note is put into `attempts`."""
    return _Collecting(attempts)


def note_attempt(attempt: Attempt) -> None:
    """Tell whoever collects, if anybody does."""
    attempts = _attempts.get()
    if attempts is not None:
        attempts.append(attempt)


@dataclass(slots=True)
class _Collecting(AbstractContextManager[None]):
    attempts: list[Attempt]
    token: Token[list[Attempt] | None] = field(init=False)

    def __enter__(self) -> None:
        self.token = _attempts.set(self.attempts)

    def __exit__(self, *_: object) -> None:
        _attempts.reset(self.token)
