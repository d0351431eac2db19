"""What can still be read of a damaged journal, put into a new one.

Row by row, so that a page that is lost takes only its own rows along (the sqlite3 of Debian 12 can
neither `.recover` nor `.dump` beyond it). Nothing is deleted: the damaged file is moved aside.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from closedbook.errors import JournalError
from closedbook.hints import path_shown
from closedbook.store.journal import decoded
from closedbook.store.journal_file import (
    MODEL_BY_ANSWER,
    connected,
    faults,
    put_in_place,
    read_only,
    salvaged,
    schema_of,
)

GAP = 100_000
"""So many rows in a row that are not there, or cannot be read, are the end."""


@dataclass(frozen=True, slots=True)
class Salvaged:
    """How many answers and calls the new journal has, and where the old one is now."""

    answers: int
    calls: int
    aside: Path


def salvage(path: Path) -> Salvaged:
    """Replace the journal at `path` by one of all that can be read of it. Raises JournalError if
    that is nothing; then all stays as it is."""
    fresh = path.with_name(f".{path.name}.part")
    fresh.unlink(missing_ok=True)
    with (
        faults(path, "cannot be salvaged"),
        _of_its_length(path) as whole,
        closing(read_only(whole)) as old,
    ):
        schema_of(old, path)
        with closing(connected(fresh)) as new, new:
            new.execute("BEGIN")
            answers = _copied(old, new, "answers", path)
            calls = _copied(old, new, "calls", path)
            begun = _copied(old, new, "begun", path)
            new.execute(f"UPDATE calls SET model = {MODEL_BY_ANSWER} WHERE model = ''")  # noqa: S608
    if not answers + calls + begun:
        fresh.unlink()
        raise JournalError(f"{path_shown(path)}: nothing of it can be read")
    fresh.rename(salvaged(path))
    return Salvaged(answers, calls, put_in_place(path))


@contextmanager
def _of_its_length(path: Path) -> Iterator[Path]:
    """The file, or a copy that says its true length: SQLite reads nothing of a file that is shorter
    than its header says (https://sqlite.org/fileformat2.html, 1.3)."""
    with path.open("rb") as file:
        header = file.read(100)
    size = int.from_bytes(header[16:18]) or 1
    size = 1 << 16 if size == 1 else size
    pages = path.stat().st_size // size
    log = path.with_name(f"{path.name}-wal")
    if int.from_bytes(header[28:32]) <= pages or (log.exists() and log.stat().st_size):
        yield path
        return
    copy = path.with_name(f".{path.name}.cut")
    try:
        shutil.copyfile(path, copy)
        with copy.open("r+b") as file:
            file.seek(28)
            file.write(pages.to_bytes(4))
        yield copy
    finally:
        for end in ("", "-wal", "-shm"):
            copy.with_name(f"{copy.name}{end}").unlink(missing_ok=True)


def _copied(old: sqlite3.Connection, new: sqlite3.Connection, table: str, path: Path) -> int:
    """How many rows of a table were copied."""
    there, known = (
        [name for (name,) in one.execute("SELECT name FROM pragma_table_info(?)", (table,))]
        for one in (old, new)
    )
    columns = [name for name in known if name in there]
    if not columns:
        return 0
    holes = ", ".join("?" * len(columns))
    insert = f"INSERT OR IGNORE INTO {table} ({', '.join(columns)}) VALUES ({holes})"  # noqa: S608
    rows = _begun(old, columns) if table == "begun" else _readable(old, table, columns)
    if table == "answers":
        rows = (row for row in rows if _is_whole(path, dict(zip(columns, row, strict=True))))
    return new.executemany(insert, rows).rowcount


def _readable(
    old: sqlite3.Connection, table: str, columns: list[str]
) -> Iterator[tuple[object, ...]]:
    select = f"SELECT {', '.join(columns)} FROM {table} WHERE rowid = ?"  # noqa: S608
    rowid = missed = 0
    while missed < GAP:
        rowid += 1
        try:
            row = old.execute(select, (rowid,)).fetchone()
        except sqlite3.DatabaseError:
            row = None
        missed = 0 if row else missed + 1
        if row:
            yield row


def _begun(old: sqlite3.Connection, columns: list[str]) -> Iterator[tuple[object, ...]]:
    """These few rows have no numbers: as many as can be read."""
    with suppress(sqlite3.DatabaseError):
        yield from old.execute(f"SELECT {', '.join(columns)} FROM begun")  # noqa: S608


def _is_whole(path: Path, answer: dict[str, object]) -> bool:
    key, response, crc = answer["key"], answer["response"], answer.get("crc")
    try:
        decoded(path, key, response, crc)  # type: ignore[arg-type]
    except (JournalError, AttributeError):
        return False
    return True
