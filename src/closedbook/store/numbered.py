"""Lines on disk by their number, in any order: memory holds eight bytes for each.

`NumberedRows` reads a file that is there; `Pile` keeps what is put down in a file without a name,
of which nothing remains whatever happens.
"""

from __future__ import annotations

import codecs
import tempfile
from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import Generic, Self, TypeVar

from pydantic import TypeAdapter, ValidationError

from closedbook.errors import InputError

Row = TypeVar("Row")


class NumberedRows(Generic[Row]):
    """The records of a file of JSON lines, each read when it is asked for; a byte order mark and
    blank last lines are none. Use in a `with` block."""

    def __init__(self, path: Path, kind: type[Row]) -> None:
        self._path = path
        self._adapter = TypeAdapter(kind)
        self._file = path.open("rb")
        self._starts = array("q")
        place = blank = 0
        for line in self._file:
            marked = not place and line.startswith(codecs.BOM_UTF8)
            self._starts.append(len(codecs.BOM_UTF8) if marked else place)
            place += len(line)
            blank = 0 if line.strip() else blank + 1
        del self._starts[len(self._starts) - blank :]

    def __len__(self) -> int:
        return len(self._starts)

    def __getitem__(self, number: int) -> Row:
        """Raises InputError with file:line for a line of another form, IndexError beyond."""
        self._file.seek(self._starts[number])
        try:
            return self._adapter.validate_json(self._file.readline())
        except ValidationError as error:
            problem = error.errors(include_url=False)[0]
            where = ".".join(map(str, problem["loc"]))
            told = ": ".join(filter(None, (where, problem["msg"])))
            raise InputError(f"{self._path}:{number + 1}: {told}") from None

    def __iter__(self) -> Iterator[Row]:
        return (self[number] for number in range(len(self)))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()


class Pile:
    """Bytes put down and taken up again by the number that `put` gave. Use in a `with` block."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - closed by __exit__
        self._starts = array("q", [0])
        self._writing = True

    def __len__(self) -> int:
        return len(self._starts) - 1

    def put(self, content: bytes) -> int:
        if not self._writing:
            self._file.seek(self._starts[-1])
            self._writing = True
        self._file.write(content)
        self._starts.append(self._starts[-1] + len(content))
        return len(self) - 1

    def __getitem__(self, number: int) -> bytes:
        self._writing = False
        self._file.seek(self._starts[number])
        return self._file.read(self._starts[number + 1] - self._starts[number])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()
