"""Four replicas: one dies and returns; and whether a document's requests find their beginning in
the replica's prefix cache, beside a bare loop that takes the replicas in turn."""

from __future__ import annotations

import multiprocessing
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.asking.bare import bare
from benchmarks.asking.flow import SLOTS, endpoint, generated, in_a_process
from benchmarks.asking.server import PAIRS, Server, answered, several

from closedbook.store.accounts import overall

REPLICAS = 4
EACH = SLOTS // REPLICAS
DOCUMENTS = 1400
DIES_AT, RETURNS_AT, OVER_AT = 10.0, 20.0, 36.0
FOUND = 5.0
"""Seconds until a replica that returned is noticed: it is looked for every three."""
BEGUN = 2.0
"""Seconds until the first answers come as fast as they will."""
CACHED_DOCUMENTS = 400
BLOCKS = 4000
"""Of 64 characters: the beginnings of about 85 documents."""


def replicas() -> None:
    _a_death()
    _caches()


def _a_death() -> None:
    pool = multiprocessing.get_context("spawn").Pool(1)
    with (
        several(REPLICAS, latency=0.5, sigma=0.5, slots=EACH) as servers,
        tempfile.TemporaryDirectory() as folder,
        pool,
    ):
        teacher = endpoint([server.url for server in servers], concurrency=EACH)
        running = pool.apply_async(generated, (teacher, "judged", DOCUMENTS, folder))
        while not sum(map(answered, servers)):
            time.sleep(0.05)
        began = time.monotonic()
        rates = [_rate(servers, began + BEGUN, began + DIES_AT)]
        lost = answered(servers[0])
        servers[0].kill()
        rates.append(_rate(servers[1:], began + DIES_AT, began + RETURNS_AT))
        servers[0].start()
        back = time.monotonic()
        rates.append(_rate(servers, back, back + FOUND))
        rates.append(_rate(servers, back + FOUND, began + OVER_AT))
        done_before_the_end = running.ready()
        found = running.get()
        account = overall(Path(folder) / "journal.sqlite")
        alive = sum(map(answered, servers))
    before, during, returning, after = rates
    print(
        f"answered a second: before {before:.0f}, one of {REPLICAS} dead {during:.0f}"
        f" ({during / before:.2f}; three are 0.75), in the first {FOUND:g} s after its return"
        f" {returning:.0f} ({returning / before:.2f}), then {after:.0f} ({after / before:.2f})"
    )
    if done_before_the_end:
        print("THE RUN ENDED TOO EARLY: the last figure means nothing")
    wanted = DOCUMENTS * PAIRS
    print(
        f"rows {found['pairs']:.0f} of {wanted}, rejected {found['rejected']:.0f}, to retry"
        f" {found['to_retry']:.0f}; attempts in vain {account.wasted}; answered by the servers"
        f" but sent again {alive + lost - account.answers}"
    )


def _rate(servers: Sequence[Server], since: float, until: float) -> float:
    """Answered a second between two moments, the first of which may be to come."""
    time.sleep(max(0.0, since - time.monotonic()))
    first, start = sum(map(answered, servers)), time.monotonic()
    time.sleep(until - time.monotonic())
    return (sum(map(answered, servers)) - first) / (time.monotonic() - start)


def _caches() -> None:
    with several(REPLICAS, latency=0.2, slots=EACH, cache_blocks=BLOCKS) as servers:
        urls = [server.url for server in servers]
        in_a_process(bare, urls, CACHED_DOCUMENTS, PAIRS)
        turns = _hits(servers)
        with tempfile.TemporaryDirectory() as folder:
            teacher = endpoint(urls, concurrency=EACH)
            in_a_process(generated, teacher, "judged", CACHED_DOCUMENTS, folder)
        ours = _hits(servers)
    print(
        f"prompt tokens found cached: closedbook {ours:.1%}, replicas in turn {turns:.1%}, ratio"
        f" {ours / turns:.1f} (most possible {PAIRS / (1 + PAIRS):.0%})"
    )


def _hits(servers: Sequence[Server]) -> float:
    """The cached part of all prompt tokens since the last call."""
    found = [server.stats() for server in servers]
    for server in servers:
        server.reset()
    cached = sum(stats["cached_tokens"] for stats in found)
    return float(cached / sum(stats["prompt_tokens"] for stats in found))
