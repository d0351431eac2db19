"""Rows on disk: one JSON object per line, written atomically, readable only by their owner."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

import orjson
from pydantic import TypeAdapter

Row = TypeVar("Row")


@contextmanager
def written_atomically(path: Path) -> Iterator[BinaryIO]:
    """A file to write, so that `path` holds the old or the new whole, never a part."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def write_atomically(path: Path, content: bytes) -> None:
    """Write a whole file at once."""
    with written_atomically(path) as file:
        file.write(content)


def replace_text(path: Path, text: str) -> None:
    """Write a person's file anew, with its line ends as `text` has them; what it links to, and who
    may read it, stay as they were."""
    file = path.resolve()
    mode = file.stat().st_mode
    write_atomically(file, text.encode())
    file.chmod(mode)


@contextmanager
def rows_written(path: Path) -> Iterator[Callable[[Any], None]]:
    """What writes records (dataclasses or mappings) as JSON lines, one at a time."""
    with written_atomically(path) as file:

        def put(row: Any) -> None:
            file.write(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE))

        yield put


def write_rows(path: Path, rows: Iterable[Any]) -> int:
    """Write records as JSON lines; returns how many."""
    count = 0
    with rows_written(path) as put:
        for row in rows:
            put(row)
            count += 1
    return count


def read_rows(path: Path, kind: type[Row]) -> Iterator[Row]:
    """The records of a file written by `write_rows`, validated as `kind`."""
    adapter = TypeAdapter(kind)
    with path.open("rb") as file:
        for line in file:
            yield adapter.validate_json(line)


def rows_if_any(path: Path, kind: type[Row]) -> Iterator[Row]:
    """As `read_rows`; none where there is no such file."""
    if path.is_file():
        yield from read_rows(path, kind)


def read_json(path: Path) -> Any:
    """The one JSON value of a file, or None where there is no such file."""
    try:
        return orjson.loads(path.read_bytes())
    except FileNotFoundError:
        return None


def write_json(path: Path, value: Any) -> None:
    """Write one JSON value, indented for people."""
    write_atomically(path, orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS))
