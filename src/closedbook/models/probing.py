"""What an address serves and whether it is back, asked of its list of models; the model itself is
asked nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any

from closedbook.errors import AuthError
from closedbook.models.client import Client
from closedbook.models.replicas import UNHEALTHY, Replica
from closedbook.models.replies import Failure, Outcome, shown


async def served_at(client: Client, url: str, model: str) -> tuple[str, int | None]:
    """What is wrong at `url`, in one line ("" if it serves the model or does not list what it
    serves), and how many tokens the model takes there, if the server says so."""
    try:
        reply = await client.get(f"{url}/models")
    except AuthError as error:
        return f"{url}: {error}", None
    except Failure as failure:
        listless = failure.status in (404, 405)
        return await _moved(client, url) if listless else f"{url}: {failure}", None
    data = reply.get("data")
    listed = [item for item in data if isinstance(item, dict)] if isinstance(data, list) else []
    served = [item.get("id") for item in listed]
    context = min(_lengths(listed, model), default=None)
    if not served or model in served:
        return "", context
    names = shown(", ".join(map(str, served[:5]))) + (", ..." if len(served) > 5 else "")
    return f"{url}: does not serve {model!r} (it serves: {names})", context


async def _moved(client: Client, url: str) -> str:
    """Where an address that lists no models has its API, if it only lacks the version; else ""."""
    right = f"{url}/v1"
    try:
        await client.get(f"{right}/models")
    except (Failure, AuthError):
        return ""  # a gateway may refuse whatever it does not know
    return f"{url}: lists no models, but {right} does: set base_url: {right}"


def _lengths(listed: Sequence[Mapping[str, Any]], model: str) -> Iterator[int]:
    """How many tokens a server says a model takes; vLLM and SGLang do."""
    for item in listed:
        tokens = item.get("max_model_len")
        if item.get("id") == model and type(tokens) is int and tokens > 0:
            yield tokens


class Revival(AbstractAsyncContextManager["Revival"]):
    """Asks replicas that were taken out, every `wait` seconds, until there is any answer but a
    failing server's. Use as `async with`."""

    def __init__(self, client: Client, wait: float) -> None:
        self._client, self._wait = client, wait
        self._group: asyncio.TaskGroup | None = None
        self._probes: set[asyncio.Task[None]] = set()
        self._stopped = False

    async def __aenter__(self) -> Revival:
        self._stopped = False
        self._group = await asyncio.TaskGroup().__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        self.stop()
        if self._group is not None:
            # Not handed on: an error of the block is none of the probes', and stays as it is.
            await self._group.__aexit__(None, None, None)
            self._group = None

    def begin(self, replica: Replica, back: Callable[[Replica], None]) -> None:
        """Call `back` with the replica when it answers again."""
        if self._group is not None and not self._stopped:
            probe = self._group.create_task(self._ask(replica, back))
            self._probes.add(probe)
            probe.add_done_callback(self._probes.discard)

    def stop(self) -> None:
        """No more of them."""
        self._stopped = True
        for probe in list(self._probes):
            probe.cancel()

    async def _ask(self, replica: Replica, back: Callable[[Replica], None]) -> None:
        while not replica.up:
            await asyncio.sleep(self._wait)
            try:
                await self._client.get(f"{replica.url}/models")
            except AuthError:
                pass  # the next request will say so
            except Failure as failure:
                if failure.outcome in UNHEALTHY or failure.outcome is Outcome.TIMED_OUT:
                    continue
            back(replica)
