"""Values put down in any order and read back by their numbers: memory holds one offset for each.

The file has no name left on disk, so nothing remains of it whatever happens.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
from array import array
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import orjson

MISSING = -1
FULL = 1 << 18
"""Bytes that wait to be written together."""


class Spool:
    """Use in a `with` block. Values are anything orjson writes; those of numbers that were not put
    are None. `put` never blocks the event loop: what is full is written by a thread."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - closed by __exit__
        self._offsets = array("q")
        self._end = 0
        self._waiting = bytearray()
        self._writing = asyncio.Lock()

    async def put(self, number: int, value: Any) -> None:
        line = orjson.dumps(value, option=orjson.OPT_APPEND_NEWLINE)
        while len(self._offsets) <= number:
            self._offsets.append(MISSING)
        self._offsets[number] = self._end
        self._end += len(line)
        self._waiting += line
        if len(self._waiting) > FULL:
            async with self._writing:
                full, self._waiting = self._waiting, bytearray()
                await asyncio.to_thread(self._file.write, full)

    def __iter__(self) -> Iterator[Any]:
        """The values in the order of their numbers, from 0; when nothing is being put."""
        self._file.seek(0, os.SEEK_END)
        self._file.write(self._waiting)
        self._waiting.clear()
        for offset in self._offsets:
            if offset == MISSING:
                yield None
                continue
            self._file.seek(offset)
            yield orjson.loads(self._file.readline())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()
