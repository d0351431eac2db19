"""The server dies in the middle of a run: for a while, and for good until `run --retry`."""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

from benchmarks.asking.flow import SLOTS
from benchmarks.asking.project import Folder, ended, same_outputs
from benchmarks.asking.server import PAIRS, Server

DOCUMENTS = 500
REQUESTS = DOCUMENTS * (1 + PAIRS)
GIVE_UP_AFTER = 5.0


def outage(arguments: argparse.Namespace) -> None:
    with (
        Server(latency=0.25, sigma=0.8, slots=SLOTS) as server,
        tempfile.TemporaryDirectory() as folder,
    ):
        root = Path(folder)
        whole = Folder.made(root / "whole", server.url, DOCUMENTS)
        undisturbed = whole.run()
        print(f"undisturbed: exit {undisturbed.code}, {undisturbed.seconds:.1f} s", flush=True)
        for_a_while(server, root, whole, undisturbed.seconds, arguments.seconds)
        for_good(server, root, whole)


def for_a_while(
    server: Server, root: Path, whole: Folder, undisturbed: float, seconds: float
) -> None:
    """Killed at half, started again after so many seconds."""
    server.reset()
    hurt = Folder.made(root / "hurt", server.url, DOCUMENTS)
    began = time.monotonic()
    process = hurt.begin()
    server.wait_for(REQUESTS // 2)
    server.kill()
    dead = time.monotonic()
    time.sleep(seconds)
    server.start()
    dead = time.monotonic() - dead
    run = ended(process, began)
    over = run.seconds - undisturbed - dead
    print(
        f"dead for {dead:.1f} s: exit {run.code}, {run.seconds:.1f} s, which is {over:.1f} s more"
        f" than undisturbed and outage together; {_lost(hurt, whole)};"
        f" {hurt.account().wasted} attempts in vain",
        flush=True,
    )


def for_good(server: Server, root: Path, whole: Folder) -> None:
    """Killed at half and not started again before the run has ended."""
    server.reset()
    hurt = Folder.made(root / "ended", server.url, DOCUMENTS, give_up_after=GIVE_UP_AFTER)
    began = time.monotonic()
    process = hurt.begin()
    server.wait_for(REQUESTS // 2)
    server.kill()
    dead = time.monotonic()
    run = ended(process, began)
    waited = time.monotonic() - dead
    print(
        f"dead for good, give_up_after {GIVE_UP_AFTER:g} s: exit {run.code} after {waited:.1f} s:"
        f" {run.words}"
    )
    kept = hurt.account().answers
    server.start()
    again = hurt.run("--retry")
    sent = server.stats()["received"]
    print(
        f"run --retry: exit {again.code}; {_lost(hurt, whole)}; {kept} answers were kept,"
        f" {sent} asked, {kept + sent - REQUESTS} of them twice"
    )


def _lost(hurt: Folder, whole: Folder) -> str:
    """How many rows are missing, and whether the files are the same."""
    if not hurt.outputs():
        return "NOT COMPLETE"
    missing = whole.counts()["pairs"] - hurt.counts()["pairs"]
    return f"{missing} rows lost, outputs {same_outputs(hurt, whole)}"
