"""A run whose answers are all in the journal."""

from __future__ import annotations

import tempfile

from benchmarks.asking.flow import endpoint, generated, in_a_process
from benchmarks.asking.server import Server

DOCUMENTS = 25_000


def replay() -> None:
    with Server() as server, tempfile.TemporaryDirectory() as folder:
        found = in_a_process(generated, endpoint(server.url), "judged", DOCUMENTS, folder, 2)
        sent = server.stats()["received"]
    print(
        f"{found['asks']:.0f} journalled requests again in {found['wall']:.1f} s (at most 60 s per"
        f" 100,000), {sent - found['asks']:.0f} sent"
    )
