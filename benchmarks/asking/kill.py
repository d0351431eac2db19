"""`kill -9` of `closedbook run` at half of its requests, and the same command again."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from benchmarks.asking.flow import SLOTS
from benchmarks.asking.project import Ended, Folder, ended, same_outputs
from benchmarks.asking.server import PAIRS, Server

DOCUMENTS = 500
REQUESTS = DOCUMENTS * (1 + PAIRS)


def kill() -> None:
    with (
        Server(latency=0.25, sigma=0.8, slots=SLOTS) as server,
        tempfile.TemporaryDirectory() as folder,
    ):
        whole = Folder.made(Path(folder) / "whole", server.url, DOCUMENTS)
        undisturbed = whole.run()
        _check(undisturbed)
        server.reset()
        hurt = Folder.made(Path(folder) / "hurt", server.url, DOCUMENTS)
        began = time.monotonic()
        process = hurt.begin()
        at_kill = server.wait_for(REQUESTS // 2)
        process.kill()
        ended(process, began)
        kept = hurt.account().answers
        while server.stats()["in_flight"]:
            time.sleep(0.05)
        lost = server.stats()["answered"]["200"] - kept
        _check(hurt.run())
        seconds = time.monotonic() - began
        found = server.stats()
        again = found["received"] - found["distinct"]
        same = same_outputs(hurt, whole)
    print(f"killed after {at_kill['received']} of {REQUESTS} requests")
    print(f"in flight then {at_kill['in_flight']}, answered but not in the journal {lost}")
    print(f"sent twice {again} (at most {at_kill['in_flight'] + lost}): {again / REQUESTS:.2%}")
    print(f"answered twice {found['repeated']}")
    print(f"outputs {same} to the undisturbed run's")
    print(
        f"wall of both parts {seconds:.1f} s, undisturbed {undisturbed.seconds:.1f} s,"
        f" ratio {seconds / undisturbed.seconds:.2f}"
    )


def _check(run: Ended) -> None:
    if run.code:
        raise RuntimeError(f"exit {run.code}: {run.words}")
