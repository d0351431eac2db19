"""A server that falls from 64 slots to 8 and returns: how soon the number in flight follows.

Both clients meet servers alike at the same time: ours, with 200 requests always wanted, and a bare
loop of 64 tasks that waits as long as a 429 tells it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import count

import aiohttp
from benchmarks.asking.bare import body_of
from benchmarks.asking.flow import SLOTS, endpoint
from benchmarks.asking.server import Server, several

from closedbook.errors import ProviderError
from closedbook.models.chat import ChatRequest
from closedbook.models.endpoint import Endpoint
from closedbook.records import Message

ASKERS = 200
LOW = 8
DOWN_AT, UP_AT, END = 10.0, 45.0, 90.0
DOWN_MOST, UP_MOST = 10.0, 30.0
EVERY = 0.25
"""Seconds between two looks at the server."""
NEAR = 0.2
OVER = 1.0
"""Seconds over which the number in flight is averaged."""
SETTINGS = {"latency": 1.0, "sigma": 0.3, "slots": SLOTS, "queue": 0, "retry_after": 1.0}


@dataclass(frozen=True, slots=True)
class Look:
    """A moment: how many the client would have in flight, and how many are at the server, which
    since its start answered and refused so many."""

    at: float
    wanted: int
    in_flight: int
    answered: int
    refused: int


def limits() -> None:
    with several(2, **SETTINGS) as servers:
        looks, failed = asyncio.run(_both(servers))
    for name, seen in zip(("closedbook", "bare loop"), looks, strict=True):
        print(f"{name}: {_told(seen)}")
    print(f"requests of closedbook's that failed for good: {failed}")
    for what in ("in_flight", "wanted"):
        course = [f"{_mean(looks[0], what, at, at + 5):.0f}" for at in range(0, int(END), 5)]
        print(f"closedbook every 5 s, {what}: {' '.join(course)}")


def _told(looks: Sequence[Look]) -> str:
    """Down is when the client wants no more than the server has, since the server itself refuses
    the rest; up is when the server has that many."""
    down = _followed(looks, "wanted", DOWN_AT, UP_AT, LOW)
    up = _followed(looks, "in_flight", UP_AT, END, SLOTS)
    low_since = DOWN_AT + (DOWN_MOST if down is None else down)
    high_since = UP_AT + (UP_MOST if up is None else up)
    spans = [(0.0, DOWN_AT), (low_since, UP_AT), (high_since, END)]
    counts = [_grown(looks, *span) for span in spans]
    outside = (sum(served for served, _ in counts), sum(refused for _, refused in counts))
    served = _grown(looks, UP_AT - 20, UP_AT)[0] / 20
    high = _grown(looks, END - 10, END)[0] / 10
    falling = _grown(looks, DOWN_AT, DOWN_AT + DOWN_MOST)
    return "; ".join(
        [
            f"down to {LOW} after {_shown(down)} (at most {DOWN_MOST:g})",
            f"up to {SLOTS} after {_shown(up)} (at most {UP_MOST:g})",
            f"refused outside of these {_share(outside):.1%} (below 5)",
            f"of these while low {_share(counts[1]):.1%}",
            f"in the first {DOWN_MOST:g} s down {_share(falling):.1%}",
            f"answered a second while low {served:.1f} of {LOW}, at the end {high:.1f} of {SLOTS}",
        ]
    )


async def _both(servers: Sequence[Server]) -> tuple[list[list[Look]], int]:
    ours, bare = servers
    failures: list[str] = []
    looks: list[list[Look]] = [[], []]
    async with Endpoint(endpoint(ours.url)) as model, asyncio.TaskGroup() as group:
        began = time.monotonic()
        clients = [
            group.create_task(_ask(model, began, failures)),
            group.create_task(_ask_barely(bare.url, began)),
        ]
        watching = [
            group.create_task(_watch(ours, lambda: model.load().limit, began, looks[0])),
            group.create_task(_watch(bare, lambda: SLOTS, began, looks[1])),
        ]
        for at, slots in ((DOWN_AT, LOW), (UP_AT, SLOTS)):
            await asyncio.sleep(began + at - time.monotonic())
            for server in servers:
                await asyncio.to_thread(partial(server.change, slots=slots))
        await asyncio.wait(watching)
        for client in clients:
            client.cancel()
    return looks, len(failures)


async def _watch(
    server: Server, wanted: Callable[[], int], began: float, looks: list[Look]
) -> None:
    while (now := time.monotonic() - began) < END:
        found = await asyncio.to_thread(server.stats)
        answered = found["answered"]
        looks.append(
            Look(
                now,
                wanted(),
                found["in_flight"],
                answered.get("200", 0),
                answered.get("429", 0),
            )
        )
        await asyncio.sleep(EVERY)


async def _ask(model: Endpoint, began: float, failures: list[str]) -> None:
    """Ours, as the engine uses it: each request until it is answered or given up."""
    numbers = count()

    async def ask() -> None:
        while time.monotonic() - began < END:
            request = ChatRequest((Message("user", f"{next(numbers)}"),))
            try:
                await model.complete(request)
            except ProviderError as error:
                failures.append(str(error))

    async with asyncio.TaskGroup() as group:
        for _ in range(ASKERS):
            group.create_task(ask())


async def _ask_barely(url: str, began: float) -> None:
    numbers = count()

    async def ask(session: aiohttp.ClientSession) -> None:
        while time.monotonic() - began < END:
            body, status = body_of(f"{next(numbers)}"), 429
            while status == 429:
                async with session.post(f"{url}/chat/completions", data=body) as response:
                    await response.read()
                    status = response.status
                if status == 429:
                    await asyncio.sleep(float(response.headers["Retry-After"]))

    headers = {"Content-Type": "application/json"}
    connector = aiohttp.TCPConnector(limit=0)
    async with (
        aiohttp.ClientSession(connector=connector, headers=headers) as session,
        asyncio.TaskGroup() as group,
    ):
        for _ in range(SLOTS):
            group.create_task(ask(session))


def _followed(
    looks: Sequence[Look], what: str, since: float, until: float, level: int
) -> float | None:
    """Seconds from `since` to when the mean of `what` over a second is near `level`."""
    for look in looks:
        within = since + OVER <= look.at < until
        if within and abs(_mean(looks, what, look.at - OVER, look.at) - level) <= NEAR * level:
            return look.at - since
    return None


def _mean(looks: Sequence[Look], what: str, since: float, until: float) -> float:
    seen = [int(getattr(look, what)) for look in looks if since <= look.at <= until]
    return sum(seen) / len(seen)


def _grown(looks: Sequence[Look], since: float, until: float) -> tuple[int, int]:
    """Answered and refused between two moments."""
    within = [look for look in looks if since <= look.at <= until]
    if not within:
        return 0, 0
    first, last = within[0], within[-1]
    return last.answered - first.answered, last.refused - first.refused


def _share(grown: tuple[int, int]) -> float:
    return grown[1] / sum(grown) if sum(grown) else 0.0


def _shown(seconds: float | None) -> str:
    return "NEVER" if seconds is None else f"{seconds:.1f} s"
