"""A server that falls from 64 slots to 8 and returns: how soon the number in flight follows.

Both clients meet servers alike at the same time: ours, with 200 requests always wanted, and a bare
loop of 64 tasks that waits as long as a 429 tells it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
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
    for name, seen in zip(("closedbook", "bare loop "), looks, strict=True):
        down, up = _followed(seen, DOWN_AT, UP_AT, LOW), _followed(seen, UP_AT, END, SLOTS)
        outside = [(0.0, DOWN_AT), (DOWN_AT + (down or 0), UP_AT), (UP_AT + (up or 0), END)]
        refused = sum(_grown(seen, *span)[1] for span in outside)
        every = sum(sum(_grown(seen, *span)) for span in outside)
        served = _grown(seen, DOWN_AT + 10, UP_AT)[0] / (UP_AT - DOWN_AT - 10)
        high = _grown(seen, END - 10, END)[0] / 10
        print(
            f"{name} down to {LOW} after {_shown(down)} (at most 10), up to {SLOTS} after"
            f" {_shown(up)} (at most 30); refused outside of these {refused / every:.1%} (below 5),"
            f" while low {_share(_grown(seen, DOWN_AT + (down or 0), UP_AT)):.1%}; answered a"
            f" second {served:.1f} of {LOW}, at the end {high:.1f} of {SLOTS}"
        )
    print(f"requests of closedbook's that failed for good: {failed}")
    print(f"in flight at closedbook's server: {_course(looks[0])}")


async def _both(servers: Sequence[Server]) -> tuple[list[list[Look]], int]:
    ours, bare = servers
    failures: list[str] = []
    looks: list[list[Look]] = [[], []]
    began = time.monotonic()
    async with asyncio.TaskGroup() as group:
        clients = [
            group.create_task(_ask(ours.url, began, failures)),
            group.create_task(_ask_barely(bare.url, began)),
        ]
        watching = [
            group.create_task(_watch(server, began, seen))
            for server, seen in zip(servers, looks, strict=True)
        ]
        for at, slots in ((DOWN_AT, LOW), (UP_AT, SLOTS)):
            await asyncio.sleep(began + at - time.monotonic())
            for server in servers:
                await asyncio.to_thread(partial(server.change, slots=slots))
        await asyncio.wait(watching)
        for client in clients:
            client.cancel()
    return looks, len(failures)


async def _watch(server: Server, began: float, looks: list[Look]) -> None:
    while (now := time.monotonic() - began) < END:
        found = await asyncio.to_thread(server.stats)
        answered = found["answered"]
        looks.append(Look(now, found["in_flight"], answered.get("200", 0), answered.get("429", 0)))
        await asyncio.sleep(EVERY)


async def _ask(url: str, began: float, failures: list[str]) -> None:
    """Ours, as the engine uses it: each request until it is answered or given up."""
    numbers = count()

    async def ask(model: Endpoint) -> None:
        while time.monotonic() - began < END:
            request = ChatRequest((Message("user", f"{next(numbers)}"),))
            try:
                await model.complete(request)
            except ProviderError as error:
                failures.append(str(error))

    async with Endpoint(endpoint(url)) as model, asyncio.TaskGroup() as group:
        for _ in range(ASKERS):
            group.create_task(ask(model))


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


def _followed(looks: Sequence[Look], since: float, until: float, level: int) -> float | None:
    """Seconds from `since` to when the mean in flight over a second is near `level`."""
    for look in looks:
        if since + OVER <= look.at < until and _is_near(
            _mean(looks, look.at - OVER, look.at), level
        ):
            return look.at - since
    return None


def _is_near(value: float, level: int) -> bool:
    return abs(value - level) <= NEAR * level


def _mean(looks: Sequence[Look], since: float, until: float) -> float:
    seen = [look.in_flight for look in looks if since <= look.at <= until]
    return sum(seen) / len(seen)


def _grown(looks: Sequence[Look], since: float, until: float) -> tuple[int, int]:
    """Answered and refused between two moments."""
    within = [look for look in looks if since <= look.at <= until]
    first, last = within[0], within[-1]
    return last.answered - first.answered, last.refused - first.refused


def _share(grown: tuple[int, int]) -> float:
    return grown[1] / sum(grown) if sum(grown) else 0.0


def _shown(seconds: float | None) -> str:
    return "NEVER" if seconds is None else f"{seconds:.1f} s"


def _course(looks: Sequence[Look]) -> str:
    """The mean of every fifth second."""
    return " ".join(f"{_mean(looks, at, at + 5):.0f}" for at in range(0, int(END), 5))
