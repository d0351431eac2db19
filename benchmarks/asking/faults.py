"""5 % 429, 2 % 500, 1 % resets and 10 % malformed replies, beside a run without any."""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from pathlib import Path

from benchmarks.asking.flow import SLOTS, endpoint, generated, in_a_process
from benchmarks.asking.server import Server

RATES = {"rate_limit": 0.05, "server_error": 0.02, "reset": 0.01, "malformed": 0.10}


def faults() -> None:
    walls = []
    for given in ({}, RATES):
        server = Server(latency=0.25, sigma=0.8, slots=SLOTS, retry_after=0.2, faults=given)
        with server, tempfile.TemporaryDirectory() as folder:
            found = in_a_process(generated, endpoint(server.url), "judged", 1000, folder)
            steps = json.loads((Path(folder) / "out" / "steps.json").read_text())
        walls.append(found["wall"])
        print(f"faults {given or 'none'}: {found['wall']:.1f} s, pairs {found['pairs']:.0f}")
        for name, step in steps.items():
            print(f"  {name}: {_kept(step)}")
    print(f"ratio {walls[1] / walls[0]:.2f} (at most 2)")


def _kept(step: Counter[str]) -> str:
    return ", ".join(f"{name} {step[name]}" for name in ("rows", "made", "rejected", "failed"))
