"""How many requests one replica is given at a time, learned from how it answers.

Knows levels, not HTTP, clocks or queues: whoever sends tells what came of each request. It counts
in requests, so that fast and slow models are treated alike.

The level starts at its bound: a server that queues is full from the first second, one that refuses
shows its size at once. A refusal now and then is chance (gateways refuse some requests whatever the
load) and changes nothing; many among the latest requests are a limit. It lowers the level to what
the server evidently still serves, but in one round (the requests sent since the last cut) to no
less than half, so that a burst of refusals is one signal; strain, which does not show what is
served, halves it. From strain the level returns quickly to nearly what it was; beyond a level that
was refused, one more request is tried now and then. Where that succeeds it goes on in steps of 1,
2, 4, ..., as long as it brings throughput.
"""

from __future__ import annotations

from collections import deque
from enum import Enum, auto
from itertools import islice
from typing import NamedTuple

PATIENCE = 32
"""Requests served before one more than was refused is tried: about 3 % refusals."""
MOST_ROUNDS = 12
"""What was tried in vain is tried more rarely, down to once in this many rounds."""
GAIN = 1.2
"""Twice as many requests must raise the throughput by this factor; less, or fewer requests, cannot
be told from chance, as the lengths of answers vary."""
LATEST = 64
LIMIT = 0.15
"""So many refusals, as a part of the level and of the LATEST requests, are a limit; with 64 in
flight 5 % by chance are that many once in 2,000 times."""
LATEST_TRIED, LIMIT_TRIED = 4, 2
"""The same while a higher level is tried, where a limit shows at once."""
NEARLY = 0.9
"""The part of a strained level that counts as good."""


class Sign(Enum):
    """What came of a request, as far as it says something about the load."""

    SERVED = auto()
    REFUSED = auto()
    STRAINED = auto()
    NONE = auto()


class Ticket(NamedTuple):
    """What is to be known of a request when it ends: its round, and how many were in flight."""

    round: int
    crowd: int


class Pace(NamedTuple):
    """Requests in flight and seconds per request; one by the other is the throughput (Little)."""

    crowd: float
    seconds: float


class AdaptiveLimit:
    """`take()` when a request is sent and `give_back()` when it has ended; `level` is how many may
    be taken at a time, `in_flight` how many are."""

    def __init__(self, bound: int) -> None:
        self.level = bound
        self.in_flight = 0
        self._bound = bound
        self._round = 0
        self._floor = bound
        self._good = bound
        self._step = 1
        self._growing = False
        self._patience = PATIENCE
        self._refused: deque[bool] = deque(maxlen=LATEST)
        self._restart(due=0, base=None)

    def take(self) -> Ticket:
        """Count a request as sent; the ticket is to be given back."""
        self.in_flight += 1
        return Ticket(self._round, self.in_flight)

    def give_back(self, ticket: Ticket, sign: Sign, seconds: float) -> bool:
        """Count a request as ended after `seconds`; True if it showed a limit."""
        full = self.in_flight >= self.level
        self.in_flight -= 1
        if sign is Sign.SERVED or sign is Sign.REFUSED:
            self._refused.append(sign is Sign.REFUSED)
        if sign is Sign.SERVED:
            if full and ticket.round == self._round and self.level < self._bound:
                self._count(ticket.crowd, seconds)
        elif sign is Sign.REFUSED and self._is_limit(ticket):
            self._lower(ticket)
            return True
        elif sign is Sign.STRAINED and ticket.round == self._round:
            before = self.level
            self._cut()
            self.level = self._floor
            self._good = max(self.level, int(before * NEARLY))
            return True
        return False

    def _is_limit(self, ticket: Ticket) -> bool:
        """Whether a refusal is more than chance. One sent before the last cut belongs to it."""
        if ticket.round != self._round:
            return True
        if self._growing:
            return sum(islice(reversed(self._refused), LATEST_TRIED)) >= LIMIT_TRIED
        refused = sum(self._refused)
        return refused >= LIMIT * max(self.level, len(self._refused))

    def _count(self, crowd: int, seconds: float) -> None:
        self._served += 1
        self._seconds += seconds
        self._crowds += crowd
        if self._served >= max(self.level, self._due):
            self._grow(Pace(self._crowds / self._served, self._seconds / self._served))

    def _lower(self, ticket: Ticket) -> None:
        if ticket.round == self._round:
            self._cut()
        self.level = self._good = max(self._floor, min(self.level, self.in_flight))

    def _cut(self) -> None:
        """The level may now fall to half."""
        self._floor = (self.level + 1) // 2
        if not self._growing:
            self._patience = PATIENCE
        self._fall_back()

    def _grow(self, pace: Pace) -> None:
        """A round went well: go on, unless twice as many requests only took longer."""
        base = self._base or pace
        doubled = pace.crowd >= 2 * base.crowd
        if self.level < self._good:
            self.level = self._good
        elif doubled and pace.crowd * base.seconds < GAIN * base.crowd * pace.seconds:
            self.level = self._good = max(1, min(self.level, round(base.crowd)))
            self._fall_back()
            return
        else:
            if doubled:
                self._patience = PATIENCE
            if self._growing:
                self._step *= 2
            self._growing = True
            self.level = self._good = min(self._bound, self.level + self._step)
        self._restart(due=0, base=pace if doubled else base)

    def _fall_back(self) -> None:
        """Begin a round, and wait before trying more; longer each time that it was in vain."""
        self._round += 1
        self._refused.clear()
        self._restart(due=self._patience, base=None)
        self._patience = min(2 * self._patience, max(PATIENCE, MOST_ROUNDS * self.level))
        self._step = 1
        self._growing = False

    def _restart(self, *, due: int, base: Pace | None) -> None:
        """Measure anew; `base` is the pace that more requests must outdo."""
        self._due = due
        self._base = base
        self._served = 0
        self._seconds = 0.0
        self._crowds = 0
