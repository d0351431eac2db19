"""The baseline: aiohttp with as many tasks as slots and nothing else, in an order one can choose.

No template, journal, parsing, limits or retries; it knows beforehand what the server will reply.
"""

from __future__ import annotations

import asyncio
import heapq
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import count as counting
from itertools import cycle

import aiohttp
import orjson
from benchmarks.asking.flow import SLOTS, first_prompt, verdict_prompts

from closedbook.simulator import SimulatorSettings
from closedbook.simulator.asked import latency, read_request

ORDERS = ("breadth", "depth", "longest")
"""What a first answer allows is sent after all first requests, before the next one, or by the
length of the path that hangs on a request: the last knows what no client knows, each latency."""


@dataclass(frozen=True, slots=True)
class Asking:
    """A request, and those that its answer allows. `rank`: the lowest of those ready is sent."""

    rank: float
    body: bytes
    then: list[Asking] = field(default_factory=list)


def body_of(prompt: str) -> bytes:
    messages = [{"role": "user", "content": prompt}]
    return orjson.dumps({"model": "rehearsal", "messages": messages})


def tree(number: int, judged: int, order: str, seconds: Callable[[bytes], float]) -> Asking:
    """All requests about one document, ranked; `seconds` tells what one will take."""
    first = body_of(first_prompt(number))
    later = [body_of(prompt) for prompt in verdict_prompts(number, judged)]
    if order == "longest":
        then = [Asking(-seconds(body), body) for body in later]
        path = seconds(first) + max((seconds(body) for body in later), default=0.0)
        return Asking(-path, first, then)
    rank = -1.0 if order == "depth" else 1.0
    return Asking(0.0, first, [Asking(rank, body) for body in later])


def bare(
    urls: Sequence[str],
    count: int,
    judged: int = 0,
    order: str = "depth",
    settings: SimulatorSettings | None = None,
    slots: int = SLOTS,
) -> dict[str, float]:
    """CPU and wall seconds of `count` documents; the replicas at `urls` take turns. `settings` are
    the server's, which the order "longest" needs."""

    def seconds(body: bytes) -> float:
        return latency(read_request(body), settings) if settings else 0.0

    trees = [tree(number, judged, order, seconds) for number in range(count)]
    cpu, wall = time.process_time(), time.monotonic()
    asyncio.run(_send_all(urls, trees, count * (1 + judged), slots))
    return {"cpu": time.process_time() - cpu, "wall": time.monotonic() - wall}


async def _send_all(urls: Sequence[str], trees: Sequence[Asking], total: int, slots: int) -> None:
    serial, turns, sent = counting(), cycle(urls), 0
    ready = [(asking.rank, next(serial), asking) for asking in trees]
    heapq.heapify(ready)
    left = asyncio.Semaphore(len(ready))

    async def work(session: aiohttp.ClientSession) -> None:
        nonlocal sent
        while True:
            await left.acquire()
            if not ready:
                return
            _, _, asking = heapq.heappop(ready)
            sent += 1
            url = f"{next(turns)}/chat/completions"
            async with session.post(url, data=asking.body) as response:
                orjson.loads(await response.read())
            for following in asking.then:
                heapq.heappush(ready, (following.rank, next(serial), following))
                left.release()
            if sent >= total:
                for _ in range(slots):
                    left.release()

    headers = {"Content-Type": "application/json"}
    connector = aiohttp.TCPConnector(limit=0)
    async with (
        aiohttp.ClientSession(connector=connector, headers=headers) as session,
        asyncio.TaskGroup() as group,
    ):
        for _ in range(slots):
            group.create_task(work(session))
