"""The server the figures are taken at: a simulator in a process of its own, with a fixed reply.

It can be killed and started again at its port. What it counts is what a provider would count.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import multiprocessing
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any
from urllib.parse import urlsplit

from closedbook.records import Message
from closedbook.simulator import Simulator, SimulatorSettings

JUDGE = "JUDGE"
"""Begins the last paragraph of a prompt that asks for a verdict."""
PAIRS = 3
_SPAWN = multiprocessing.get_context("spawn")


def reply(messages: tuple[Message, ...], _seed: int) -> str:
    """A verdict, or three pairs that tell the prompt they answer; the same when asked to repair."""
    content = messages[0].content
    if JUDGE in content[-200:]:
        return "[VERDICT] yes [END]"
    mark = hashlib.blake2b(content.encode(), digest_size=4).hexdigest()
    return "\n".join(
        f"[QUESTION] What is {mark} {n}? [ANSWER] It is {n}, as the text says. [END]"
        for n in range(PAIRS)
    )


class Server:
    """Use in a `with` block; `settings` are the simulator's."""

    def __init__(self, **settings: Any) -> None:
        self.url = ""
        self._settings = settings
        self._pipe: Connection
        self._process: BaseProcess

    def __enter__(self) -> Server:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            self._pipe.send(None)
        self._process.join()

    def start(self) -> None:
        """Serve, at the port it had before if it was killed."""
        self._pipe, there = _SPAWN.Pipe()
        port = urlsplit(self.url).port or 0
        self._process = _SPAWN.Process(
            target=_serve, args=(there, port, self._settings), daemon=True
        )
        self._process.start()
        self.url = str(self._pipe.recv())

    def kill(self) -> None:
        """End as a machine does that lost its power; what it counted is lost too."""
        self._process.kill()
        self._process.join()

    def stats(self, until: int = 0) -> dict[str, Any]:
        """Counts since the start or the last reset; see the simulator's `Stats`."""
        return self._exchange("GET", f"/stats?until={until}")

    def reset(self) -> None:
        self._exchange("POST", "/stats/reset")

    def change(self, **settings: Any) -> None:
        self._exchange("POST", "/control", settings)

    def wait_for(self, received: int) -> dict[str, Any]:
        """The counts as soon as so many requests have come."""
        while (found := self.stats())["received"] < received:
            time.sleep(0.02)
        return found

    def _exchange(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        request = urllib.request.Request(
            self.url.removesuffix("/v1") + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
        )
        with urllib.request.urlopen(request, timeout=30) as response:
            found: dict[str, Any] = json.load(response)
        return found


def answered(server: Server) -> int:
    """Requests answered with 200 since its start; 0 while it is dead."""
    try:
        return int(server.stats()["answered"].get("200", 0))
    except (urllib.error.URLError, OSError):
        return 0


@contextmanager
def several(count: int, **settings: Any) -> Iterator[list[Server]]:
    """So many servers alike."""
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(Server(**settings)) for _ in range(count)]


def _serve(pipe: Connection, port: int, settings: dict[str, Any]) -> None:
    async def main() -> None:
        simulator = Simulator(SimulatorSettings(**settings), reply=reply, port=port)
        async with simulator:
            pipe.send(simulator.url)
            await asyncio.to_thread(pipe.recv)

    asyncio.run(main())
