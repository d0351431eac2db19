"""Which replica a request goes to, and when.

Knows the replicas of one model, their limits and their health; not HTTP: whoever sends tells each
slot what came of it. Requests of one affinity go to one replica while it is healthy and has room;
what failed there is tried at the others first.
Each replica has a queue, and a replica with room and no queue takes from the longest one, so that
none idles while another has work waiting. Nothing here polls: whatever makes room hands it out.
One affinity in eight goes ahead in a queue, so that some documents are finished soon and tell how
the others will do, while the others keep all slots busy to the end.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections import deque
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import count
from types import TracebackType
from zlib import crc32

from closedbook.errors import ProviderError
from closedbook.hints import command
from closedbook.models.limits import AdaptiveLimit, Sign, Ticket
from closedbook.models.replies import Outcome

TAKEN_OUT_AFTER = 5
"""Failures in a row; of replies that fail only one per affinity counts, so that one document that a
server cannot take does not take the server out."""
LONGEST_PAUSE = 300.0
"""Seconds; a longer Retry-After is cut to this."""
AHEAD = (1 << 32) // 8
"""The checksums of so many of all 2^32 affinities; that of none ("") is 0."""
NUMBERS = count()
UNHEALTHY = frozenset({Outcome.UNREACHABLE, Outcome.CUT_OFF, Outcome.OVERLOADED, Outcome.BROKEN})
USELESS = frozenset({Outcome.MISPLACED, Outcome.UNUSABLE})
"""What a server says that is up and serves something else; where there is no other, the rows shall
hear it."""
REPLIED = USELESS | {Outcome.BROKEN}
SIGNS: dict[Outcome | None, Sign] = {
    Outcome.SERVED: Sign.SERVED,
    Outcome.BUSY: Sign.REFUSED,
    Outcome.OVERLOADED: Sign.STRAINED,
    Outcome.TIMED_OUT: Sign.STRAINED,
}


@dataclass(frozen=True, slots=True)
class Load:
    """A moment of an endpoint: requests sent and not answered, requests waiting for a slot, how
    many may be sent at a time to the replicas that are up, and the addresses of the others."""

    in_flight: int
    waiting: int
    limit: int
    replicas_up: int
    replicas: int
    out: tuple[str, ...] = field(default=(), compare=False)


@dataclass(slots=True, eq=False)
class Replica:
    """One address. `opens_at` is when its Retry-After has passed, 0 if nothing is to be waited
    for; retries wait before new requests."""

    url: str
    limit: AdaptiveLimit
    up: bool = True
    failures: set[object] = field(default_factory=set)
    opens_at: float = 0.0
    retries: deque[Slot] = field(default_factory=deque)
    ahead: list[tuple[int, int, Slot]] = field(default_factory=list)
    """A heap: by affinity, one after the other, and by a number that keeps their order in it."""
    fresh: deque[Slot] = field(default_factory=deque)

    @property
    def has_room(self) -> bool:
        return self.up and not self.opens_at and self.limit.in_flight < self.limit.level

    @property
    def queued(self) -> int:
        """Places in the queue, also of those who went away meanwhile."""
        return len(self.retries) + len(self.ahead) + len(self.fresh)

    @property
    def waiting(self) -> int:
        ahead = (slot for *_, slot in self.ahead)
        return sum(slot.waits for slot in (*self.retries, *ahead, *self.fresh))

    @property
    def load(self) -> float:
        """Requests per slot."""
        return (self.limit.in_flight + self.queued) / self.limit.level

    def join(self, slot: Slot) -> None:
        if slot.tried:
            self.retries.append(slot)
        elif (rank := crc32(slot.affinity.encode("utf-8", "surrogatepass"))) < AHEAD and rank:
            heappush(self.ahead, (rank, next(NUMBERS), slot))
        else:
            self.fresh.append(slot)

    def leave(self) -> Iterator[Slot]:
        """Those who wait here, in their order, each leaving the queue; not who went away."""
        while self.queued:
            slot = self.retries.popleft() if self.retries else self.next_fresh()
            if slot.waits:
                yield slot

    def next_fresh(self) -> Slot:
        return heappop(self.ahead)[-1] if self.ahead else self.fresh.popleft()


@dataclass(slots=True, eq=False)
class Slot:
    """The right to send one request, which was `tried` at some replicas before; use as `async with
    slot:`.

    Within the block `replica` is where to send it, since `started`; `outcome` is for the sender to
    set.
    """

    pool: Replicas
    affinity: str
    tried: Sequence[Replica]
    outcome: Outcome | None = None
    retry_after: float | None = None
    started: float = 0.0
    replica: Replica = field(init=False)
    ticket: Ticket = field(init=False)
    turn: asyncio.Future[None] | None = None

    @property
    def waits(self) -> bool:
        return self.turn is not None and not self.turn.done()

    def take_place(self, replica: Replica) -> None:
        """Of the replica's slots this is one now."""
        self.replica, self.ticket = replica, replica.limit.take()
        self.started = time.monotonic()

    async def __aenter__(self) -> Slot:
        if not self.pool.take(self):
            await self.pool.wait_for(self)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.pool.give_back(self)


class Replicas:
    """The replicas at `urls`, each with at most `bound` requests at a time.

    `taken_out` is called with a replica that failed several times in a row; it gets nothing more
    until `bring_back`. When all have been out for `give_up_after` seconds, whoever waits or comes
    gets a ProviderError, until one is back; `refusal` is then the reason.
    """

    def __init__(
        self,
        urls: Sequence[str],
        bound: int,
        give_up_after: float,
        taken_out: Callable[[Replica], None],
    ) -> None:
        self._replicas = [Replica(url, AdaptiveLimit(bound)) for url in urls]
        self._give_up_after = give_up_after
        self._taken_out = taken_out
        self._given_up: asyncio.TimerHandle | None = None
        self.refusal = ""

    def slot(self, affinity: str, tried: Sequence[Replica] = ()) -> Slot:
        """A slot to be entered, which waits for a turn."""
        return Slot(self, affinity, tried)

    def bring_back(self, replica: Replica) -> None:
        """The replica answers again; at its next failure it is taken out at once."""
        replica.up = True
        replica.failures = {object() for _ in range(TAKEN_OUT_AFTER - 1)}
        if self._given_up is not None:
            self._given_up.cancel()
            self._given_up = None
            self.refusal = ""
        self._rehome()
        self._hand_out(replica)

    def any_but(self, tried: Collection[Replica], *, open_now: bool = False) -> bool:
        """Whether one that is up, and need not wait if it is to be `open_now`, is not among the
        tried."""
        others = [replica for replica in self._replicas if replica.up and replica not in tried]
        return any(not (open_now and replica.opens_at) for replica in others)

    def load(self) -> Load:
        up = [replica for replica in self._replicas if replica.up]
        return Load(
            in_flight=sum(replica.limit.in_flight for replica in self._replicas),
            waiting=sum(replica.waiting for replica in self._replicas),
            limit=sum(replica.limit.level for replica in up),
            replicas_up=len(up),
            replicas=len(self._replicas),
            out=tuple(replica.url for replica in self._replicas if not replica.up),
        )

    def take(self, slot: Slot) -> bool:
        """Give it a place at once, if one is free and nobody waits for it."""
        if self.refusal:
            return False
        home = self._home(slot)
        if not home.has_room:
            roomy = [replica for replica in _eligible(self._replicas, slot) if replica.has_room]
            if not roomy:
                return False
            home = min(roomy, key=lambda replica: replica.load)
        if home.queued:
            return False
        slot.take_place(home)
        return True

    def _home(self, slot: Slot) -> Replica:
        """Where an affinity belongs among the eligible replicas: rendezvous hashing, so that losing
        a replica moves only what belonged to it."""
        if len(self._replicas) == 1:
            return self._replicas[0]
        eligible = _eligible(self._replicas, slot)
        if not slot.affinity:
            return min(eligible, key=lambda replica: replica.load)
        return max(eligible, key=lambda replica: _weight(slot.affinity, replica.url))

    async def wait_for(self, slot: Slot) -> None:
        """Until it is its turn and it has a place. Raises ProviderError."""
        if self.refusal:
            raise _refused(self.refusal)
        turn = slot.turn = asyncio.get_running_loop().create_future()
        self._home(slot).join(slot)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled() and turn.exception() is None:
                self.give_back(slot)
            raise

    def give_back(self, slot: Slot) -> None:
        """Its place is free again; what its `outcome` says of the replica counts."""
        replica, outcome = slot.replica, slot.outcome
        sign = SIGNS.get(outcome, Sign.NONE)
        limited = replica.limit.give_back(slot.ticket, sign, time.monotonic() - slot.started)
        if slot.retry_after and limited:
            self._pause(replica, slot.retry_after)
        if outcome is Outcome.SERVED:
            replica.failures.clear()
        elif outcome in UNHEALTHY or outcome in USELESS:
            its_own = outcome in REPLIED and slot.affinity
            replica.failures.add(slot.affinity if its_own else object())
            lasting = len(replica.failures) >= TAKEN_OUT_AFTER
            if replica.up and lasting and (outcome in UNHEALTHY or self.any_but([replica])):
                self._take_out(replica)
        elif outcome is not None and outcome is not Outcome.TIMED_OUT:
            replica.failures.clear()
        self._hand_out(replica)

    def _hand_out(self, replica: Replica) -> None:
        """Give the replica's free slots to those who wait."""
        while replica.has_room and (slot := _next(replica, self._replicas)) is not None:
            if slot.turn is not None and not slot.turn.done():
                slot.take_place(replica)
                slot.turn.set_result(None)

    def _pause(self, replica: Replica, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        opens_at = loop.time() + min(seconds, LONGEST_PAUSE)
        if opens_at > replica.opens_at:
            replica.opens_at = opens_at
            loop.call_at(opens_at, self._reopen, replica, opens_at)
            for other in self._replicas:
                self._hand_out(other)  # whoever waits here need not

    def _reopen(self, replica: Replica, opens_at: float) -> None:
        if replica.opens_at == opens_at:  # or else it was told again to wait, and longer
            replica.opens_at = 0.0
            self._hand_out(replica)

    def _take_out(self, replica: Replica) -> None:
        replica.up = False
        self._taken_out(replica)
        if not any(other.up for other in self._replicas):
            loop, after = asyncio.get_running_loop(), self._give_up_after
            self._given_up = loop.call_later(
                after, self.refuse, f"no endpoint has answered for {after:g} s"
            )
        else:
            self._rehome()

    def _rehome(self) -> None:
        """Move those who wait for a replica that is out to the others."""
        for out in self._replicas:
            if not out.up:
                for slot in list(out.leave()):
                    self._home(slot).join(slot)
        for replica in self._replicas:
            self._hand_out(replica)

    def refuse(self, why: str) -> None:
        """Whoever waits or comes gets a ProviderError that says so."""
        self.refusal = why
        for replica in self._replicas:
            for slot in replica.leave():
                if slot.turn is not None:
                    slot.turn.set_exception(_refused(why))


def _next(replica: Replica, replicas: Sequence[Replica]) -> Slot | None:
    """Who waits here; else who waits elsewhere, first where most do, and, unless nothing is sent
    there, has not failed here."""
    homes = [replica] if replica.queued else [other for other in replicas if other.queued]
    for home in sorted(homes, key=lambda other: -other.queued):
        for slot in home.retries:
            if home is replica or home.opens_at or replica not in slot.tried:
                home.retries.remove(slot)
                return slot
        if home.ahead or home.fresh:
            return home.next_fresh()
    return None


def _eligible(replicas: Sequence[Replica], slot: Slot) -> Sequence[Replica]:
    """Those that are up (all, if none is); for what failed before, of those that need not wait now
    the ones where it was tried least."""
    up = [replica for replica in replicas if replica.up] or replicas
    if not slot.tried:
        return up
    now = [replica for replica in up if not replica.opens_at] or up
    least = min(map(slot.tried.count, now))
    return [replica for replica in now if slot.tried.count(replica) == least]


def _refused(why: str) -> ProviderError:
    return ProviderError(why, retryable=True, hint=f"is it running? see: {command('check')}")


def _weight(affinity: str, url: str) -> bytes:
    text = f"{affinity}\0{url}".encode("utf-8", "surrogatepass")
    return hashlib.blake2b(text, digest_size=8).digest()
