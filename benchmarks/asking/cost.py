"""CPU seconds per 1,000 requests at a server that answers at once, beside a bare loop."""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Sequence

from benchmarks.asking.bare import bare
from benchmarks.asking.flow import endpoint, generated, in_a_process
from benchmarks.asking.server import Server

FEW, MANY = 1000, 6000
"""Their difference leaves out what starting takes."""


def cost() -> None:
    with Server() as server:
        bares, mine = [], []
        for _ in range(3):
            runs = [in_a_process(bare, [server.url], count)["cpu"] for count in (FEW, MANY)]
            bares.append(1000 * (runs[1] - runs[0]) / (MANY - FEW))
            runs = []
            for count in (FEW, MANY):
                with tempfile.TemporaryDirectory() as folder:
                    teacher = endpoint(server.url)
                    runs.append(in_a_process(generated, teacher, "one", count, folder)["cpu"])
            mine.append(1000 * (runs[1] - runs[0]) / (MANY - FEW))
    loop, engine = statistics.median(bares), statistics.median(mine)
    print(f"bare aiohttp loop  {loop:.3f} CPU s per 1,000 requests  {_each(bares)}")
    print(f"closedbook         {engine:.3f} CPU s per 1,000 requests  {_each(mine)}")
    print(f"ratio              {engine / loop:.2f} (at most 2)")


def _each(values: Sequence[float]) -> str:
    return " ".join(f"{value:.3f}" for value in values)
