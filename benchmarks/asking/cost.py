"""CPU seconds per 1,000 requests at a server that answers at once, beside a bare loop."""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Callable, Sequence

from benchmarks.asking.bare import bare
from benchmarks.asking.flow import endpoint, generated, in_a_process
from benchmarks.asking.server import PAIRS, Server

FEW, MANY = 1000, 5000
"""Requests; their difference leaves out what starting takes."""
ROUNDS = 5
FLOWS = {"judged": PAIRS, "one": 0}
"""One ask of a document for three pairs with a judgement of each, as the neighbours were measured;
and without, so that all it takes to begin and to write a document falls on one request."""


def cost() -> None:
    with Server() as server:
        for flow, judged in FLOWS.items():
            _compare(server.url, flow, judged)


def _compare(url: str, flow: str, judged: int) -> None:
    def loop(documents: int) -> float:
        return in_a_process(bare, [url], documents, judged)["cpu"]

    def ours(documents: int) -> float:
        with tempfile.TemporaryDirectory() as folder:
            return in_a_process(generated, endpoint(url), flow, documents, folder)["cpu"]

    bares, mine = [], []
    for _ in range(ROUNDS):
        bares.append(_marginal(loop, 1 + judged))
        mine.append(_marginal(ours, 1 + judged))
    ratios = [own / bare for own, bare in zip(mine, bares, strict=True)]
    print(f"{flow}: {1 + judged} requests a document; CPU s per 1,000 requests")
    print(f"  bare aiohttp loop  {statistics.median(bares):.3f}  {_each(bares)}")
    print(f"  closedbook         {statistics.median(mine):.3f}  {_each(mine)}")
    print(f"  ratio              {statistics.median(ratios):.2f} (at most 2)  {_each(ratios)}")


def _marginal(cpu: Callable[[int], float], requests: int) -> float:
    """CPU seconds per 1,000 requests; a document takes so many."""
    return 1000 * (cpu(MANY // requests) - cpu(FEW // requests)) / (MANY - FEW)


def _each(values: Sequence[float]) -> str:
    return " ".join(f"{value:.3f}" for value in values)
