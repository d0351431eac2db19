"""Wall time and slot use with lognormal latency and 64 slots, beside bare loops in three orders."""

from __future__ import annotations

import statistics
import tempfile

from benchmarks.asking.bare import ORDERS, bare
from benchmarks.asking.flow import SLOTS, endpoint, generated, in_a_process
from benchmarks.asking.server import PAIRS, Server

from closedbook.simulator import SimulatorSettings

DOCUMENTS = 500
REQUESTS = DOCUMENTS * (1 + PAIRS)
SEEDS = 5


def slots() -> None:
    """Slot use counts until the last request has begun: before, there is work left."""
    ratios, uses, others = [], [], []
    for seed in range(SEEDS):
        settings = {"latency": 0.25, "sigma": 0.8, "slots": SLOTS, "seed": seed}
        with Server(**settings) as server:
            walls, busy = {}, {}
            for order in ORDERS:
                known = SimulatorSettings.model_validate(settings)
                in_a_process(bare, [server.url], DOCUMENTS, PAIRS, order, known)
                walls[order], busy[order] = _taken(server)
            with tempfile.TemporaryDirectory() as folder:
                in_a_process(generated, endpoint(server.url), "judged", DOCUMENTS, folder)
            wall, use = _taken(server)
        ratios.append(wall / min(walls["breadth"], walls["depth"]))
        others.append(wall / walls["longest"])
        uses.append(use)
        beside = ", ".join(f"{order} {walls[order]:.2f} s ({busy[order]:.3f})" for order in ORDERS)
        print(
            f"seed {seed}: {beside}, closedbook {wall:.2f} s ({use:.3f})",
            flush=True,
        )
    print(f"wall against the better of breadth and depth {_range(ratios)} (at most 1.03)")
    print(f"wall against longest path first, which knows each latency {_range(others)}")
    print(f"slot use while work is left {_range(uses)} (at least 0.97)")


def _taken(server: Server) -> tuple[float, float]:
    """Wall seconds, and slot use until the last request had begun."""
    found = server.stats(REQUESTS)
    if not found["received"] == found["distinct"] == REQUESTS:
        raise RuntimeError(f"{found['received']} requests instead of {REQUESTS}")
    server.reset()
    return found["wall_seconds"], found["mean_busy_until"] / SLOTS


def _range(values: list[float]) -> str:
    return f"median {statistics.median(values):.3f}, {min(values):.3f} to {max(values):.3f}"
