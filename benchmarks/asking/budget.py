"""Money by the server's own count against the cap, and what raising the cap repeats.

The server counts a reply when it begins to make it, also one that is cut in half or that nobody
receives: the dearest way a provider may count.
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.asking.flow import SLOTS
from benchmarks.asking.project import Folder, ended, same_outputs
from benchmarks.asking.server import PAIRS, Server

DOCUMENTS = 250
REQUESTS = DOCUMENTS * (1 + PAIRS)
PRICE = {"prompt": 1.0, "completion": 2.0}
RATES = {"reset": 0.02, "server_error": 0.02, "invalid_json": 0.04}
SHARES = (0.3, 0.6, 2.0)
"""Of what an undisturbed run costs."""


def budget() -> None:
    settings: dict[str, Any] = {"latency": 0.2, "sigma": 0.8, "slots": SLOTS}
    with Server(**settings) as server, tempfile.TemporaryDirectory() as folder:
        whole = Folder.made(Path(folder) / "whole", server.url, DOCUMENTS, price=PRICE)
        run = whole.run()
        cost = _usd(server)
        print(f"no cap: exit {run.code}, ${cost:.4f}, {run.seconds:.1f} s", flush=True)
        for name, faults in (("no faults", {}), ("faults", RATES)):
            server.change(faults=faults)
            project = _project(folder, name, server)
            _raised(project, name, server, cost)
            same = same_outputs(project, whole)
            print(f"{name}: outputs {same} to the run's without a cap", flush=True)
        server.change(faults={})
        _killed(_project(folder, "killed", server), server, cost)


def _project(folder: str, name: str, server: Server) -> Folder:
    server.reset()
    return Folder.made(
        Path(folder) / name, server.url, DOCUMENTS, price=PRICE, max_tokens=200, attempts=8
    )


def _raised(project: Folder, name: str, server: Server, cost: float) -> None:
    """Runs with caps that rise."""
    for share in SHARES:
        cap = share * cost
        run = project.run("--set", f"budget.usd={cap}")
        _tell(f"{name}, cap {share:.0%}", run.code, server, cap)


def _killed(project: Folder, server: Server, cost: float) -> None:
    """`kill -9` below the cap, then the same command again."""
    cap = SHARES[1] * cost
    began = time.monotonic()
    process = project.begin("--set", f"budget.usd={cap}")
    in_flight = server.wait_for(REQUESTS // 4)["in_flight"]
    process.kill()
    ended(process, began)
    run = project.run("--set", f"budget.usd={cap}")
    _tell(f"kill -9 with {in_flight} in flight, cap {SHARES[1]:.0%}", run.code, server, cap)


def _tell(what: str, code: int, server: Server, cap: float) -> None:
    found, usd = server.stats(), _usd(server)
    over = ""
    if usd > cap:
        requests = (usd - cap) / (usd / sum(found["answered"].values()))
        over = f", ABOVE THE CAP by what {requests:.0f} requests cost"
    print(
        f"{what}: exit {code}, server counts ${usd:.4f}, {usd / cap:.1%} of the cap{over};"
        f" {found['received']} requests, {found['received'] - found['distinct']} sent again,"
        f" {found['repeated']} answered twice",
        flush=True,
    )


def _usd(server: Server) -> float:
    found = server.stats()
    prompt, completion = found["prompt_tokens"], found["completion_tokens"]
    return float(prompt * PRICE["prompt"] + completion * PRICE["completion"]) / 1e6
