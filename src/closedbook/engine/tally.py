"""Counting what steps did: rows in and out, requests, tokens.

Knows nothing of time. Tokens and money are None until an answer comes with a count.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

from closedbook.engine.asking import Answer

Number = TypeVar("Number", int, float)


@dataclass(slots=True)
class Tally:
    """What one step did. `rows` entered it (once per sample); of these came `made` rows,
    `rejected` ones and `failed` ones, to which the endpoint gave no answer. `asks` were answered,
    `from_journal` of them without being sent; tokens, and `usd` at today's price, are those of all
    answers used, paid for now or earlier, but for `uncounted` and `unpriced` ones."""

    rows: int = 0
    made: int = 0
    rejected: int = 0
    failed: int = 0
    asks: int = 0
    from_journal: int = 0
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    usd: float | None = None
    uncounted: int = 0
    unpriced: int = 0

    def count(self, answer: Answer) -> None:
        completion = answer.completion
        self.asks += 1
        self.from_journal += answer.replayed
        self.uncounted += completion.prompt_tokens is None or completion.completion_tokens is None
        self.unpriced += answer.usd is None
        self.usd = _sum(self.usd, answer.usd)
        self.prompt_tokens = _sum(self.prompt_tokens, completion.prompt_tokens)
        self.completion_tokens = _sum(self.completion_tokens, completion.completion_tokens)

    def add(self, other: Tally) -> None:
        self.rows += other.rows
        self.made += other.made
        self.rejected += other.rejected
        self.failed += other.failed
        self.asks += other.asks
        self.from_journal += other.from_journal
        self.uncounted += other.uncounted
        self.unpriced += other.unpriced
        self.usd = _sum(self.usd, other.usd)
        self.prompt_tokens = _sum(self.prompt_tokens, other.prompt_tokens)
        self.completion_tokens = _sum(self.completion_tokens, other.completion_tokens)


def _sum(total: Number | None, more: Number | None) -> Number | None:
    if total is None or more is None:
        return more if total is None else total
    return total + more
