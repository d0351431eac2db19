"""What a simulator counted: requests, slots, tokens, since its start or the last reset.

Knows no HTTP and no settings. What is open now survives a reset; everything else starts at zero.
"""

from __future__ import annotations

import time
from array import array
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Counts:
    """`attempts` and `answers` are per request key; `first` and `last` are monotonic seconds, and
    `begun_at` and `begun_after` hold for every slot taken when, and after how many slot-seconds."""

    received: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    attempts: Counter[bytes] = field(default_factory=Counter)
    answers: Counter[bytes] = field(default_factory=Counter)
    peak_in_flight: int = 0
    slot_seconds: float = 0.0
    first: float = 0.0
    last: float = 0.0
    begun_at: array[float] = field(default_factory=lambda: array("d"))
    begun_after: array[float] = field(default_factory=lambda: array("d"))
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cached_tokens: int = 0


class Stats:
    """Counts of a running server."""

    def __init__(self) -> None:
        self._counts = Counts()
        self._in_flight = 0
        self._busy = 0
        self._measured = time.monotonic()

    def reset(self) -> None:
        self._measure()
        self._counts = Counts(peak_in_flight=self._in_flight, first=self._measured)

    def arrived(self) -> None:
        now, counts = time.monotonic(), self._counts
        if not counts.received and not self._in_flight:
            counts.first = now
        counts.received += 1
        self._in_flight += 1
        counts.peak_in_flight = max(counts.peak_in_flight, self._in_flight)

    def left(self, outcome: str) -> None:
        """`outcome` is a status, "reset" by us, or "abandoned" by the client."""
        self._in_flight -= 1
        self._counts.outcomes[outcome] += 1
        self._counts.last = time.monotonic()

    def attempt(self, key: bytes) -> int:
        """How often this request was asked before."""
        self._counts.attempts[key] += 1
        return self._counts.attempts[key] - 1

    def answered(self, key: bytes, usage: Mapping[str, Any], whole: bool) -> None:
        """A completion was made; `whole` if no fault befell it."""
        counts = self._counts
        counts.answers[key] += whole
        counts.prompt_tokens += usage["prompt_tokens"]
        counts.completion_tokens += usage["completion_tokens"]
        counts.cached_tokens += usage["prompt_tokens_details"]["cached_tokens"]

    @contextmanager
    def busy(self) -> Iterator[None]:
        """Within the block a slot is taken."""
        self._measure()
        self._counts.begun_at.append(self._measured)
        self._counts.begun_after.append(self._counts.slot_seconds)
        self._busy += 1
        try:
            yield
        finally:
            self._measure()
            self._busy -= 1

    def _measure(self) -> None:
        now = time.monotonic()
        self._counts.slot_seconds += self._busy * (now - self._measured)
        self._measured = now

    def mean_busy_until(self, begun: int) -> float | None:
        """Mean number of busy slots from the first arrival until so many requests had taken one;
        None if fewer did."""
        counts = self._counts
        if not 0 < begun <= len(counts.begun_at):
            return None
        wall = counts.begun_at[begun - 1] - counts.first
        return counts.begun_after[begun - 1] / wall if wall > 0 else 0.0

    def report(self, waiting: int) -> dict[str, Any]:
        """Counts by name, with how many are `waiting` for a slot.

        `answered` is by status, with "reset" for connections we cut and "abandoned" for those
        clients did; `distinct` counts different requests that found room in the queue, `repeated`
        those of them that were answered more than once without a fault, which is work done twice.
        `in_flight` counts the waiting too; `mean_busy_slots` is `slot_seconds` over `wall_seconds`,
        which run from the first arrival to the last answer, or to now if any is in flight.
        """
        self._measure()
        counts = self._counts
        last = self._measured if self._in_flight else counts.last
        wall = max(0.0, last - counts.first)
        return {
            "received": counts.received,
            "answered": dict(counts.outcomes),
            "distinct": len(counts.attempts),
            "repeated": sum(times > 1 for times in counts.answers.values()),
            "in_flight": self._in_flight,
            "waiting": waiting,
            "peak_in_flight": counts.peak_in_flight,
            "slot_seconds": counts.slot_seconds,
            "mean_busy_slots": counts.slot_seconds / wall if wall else 0.0,
            "wall_seconds": wall,
            "prompt_tokens": counts.prompt_tokens,
            "completion_tokens": counts.completion_tokens,
            "cached_tokens": counts.cached_tokens,
        }
