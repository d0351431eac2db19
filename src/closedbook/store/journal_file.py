"""The journal's file: its tables, how it is opened and brought to the present schema, and what its
faults mean to a person.

Knows SQLite; not who writes or reads, nor when. Nothing here deletes an answer.
"""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from closedbook.errors import JournalError
from closedbook.hints import command
from closedbook.store.journal_filesystem import mount_table, network_filesystem

SCHEMA = 5
KNOWN = 1_000_000
"""Up to so many keys are held in memory (about 100 bytes each)."""
BUSY_SECONDS = 10.0
"""How long another process may hold the file before we give up."""
NETWORK_ALLOWED = "CLOSEDBOOK_NETWORK_JOURNAL"

# `answers` has rowids although its key would do: a table WITHOUT ROWID keeps these long rows in
# its index and spills most of each to a page of its own, at 2.5 times the CPU per insert and, for
# answers of 1.5 kB, twice the space (measured with 20,000 answers).
BEGUN = """
CREATE TABLE begun (
    key BLOB NOT NULL,
    attempt INTEGER NOT NULL,
    step TEXT NOT NULL,
    document TEXT NOT NULL,
    model TEXT NOT NULL,
    usd REAL,
    most_tokens INTEGER,
    at REAL NOT NULL,
    PRIMARY KEY (key, attempt)
) WITHOUT ROWID;
"""
"""Attempts on their way, where a budget has to know of them whatever happens to the process."""
TABLES = f"""
{BEGUN}
CREATE TABLE answers (
    key BLOB NOT NULL PRIMARY KEY,
    model TEXT NOT NULL,
    response BLOB NOT NULL,
    prompt_tokens INTEGER,
    completion_tokens INTEGER,
    at REAL NOT NULL,
    crc INTEGER
);
CREATE TABLE calls (
    id INTEGER PRIMARY KEY,
    key BLOB NOT NULL,
    step TEXT NOT NULL,
    document TEXT NOT NULL,
    outcome TEXT NOT NULL,
    prompt_tokens INTEGER,
    completion_tokens INTEGER,
    seconds REAL NOT NULL,
    at REAL NOT NULL,
    model TEXT NOT NULL DEFAULT '',
    usd REAL,
    most_tokens INTEGER
);
"""
MODEL_BY_ANSWER = "coalesce((SELECT a.model FROM answers a WHERE a.key = calls.key), '')"
"""The model of a call of schema 1, which does not say it itself."""
# The old `answers` stays as it is laid out: every statement fits both, and to rebuild it would
# need its size on disk once more.
UP_FROM = {
    1: f"""
    ALTER TABLE calls ADD COLUMN model TEXT NOT NULL DEFAULT '';
    UPDATE calls SET model = {MODEL_BY_ANSWER};
    """,  # noqa: S608 - of constants
    2: """
    ALTER TABLE calls ADD COLUMN usd REAL;
    ALTER TABLE calls ADD COLUMN most_tokens INTEGER;
    """,
    3: BEGUN,
    4: "ALTER TABLE answers ADD COLUMN crc INTEGER;",
}
"""What brings a file of an earlier schema up by one."""
KILLED = "killed: the process ended before an answer came"
TAKE_OVER = f"""
BEGIN IMMEDIATE;
INSERT INTO calls (key, step, document, outcome, seconds, at, model, usd, most_tokens)
    SELECT key, step, document, '{KILLED}', 0, at, model, usd, most_tokens FROM begun;
DELETE FROM begun;
COMMIT;
"""  # noqa: S608 - of constants
"""Nobody will tell what became of attempts that a killed process had begun."""


def connected(path: Path) -> sqlite3.Connection:
    """The file at `path` for writing: made if absent (mode 0600), brought to the present schema.

    Raises JournalError: a network filesystem, a newer schema, whatever SQLite or the system say.
    """
    network = network_filesystem(path, mount_table())
    if network and not os.environ.get(NETWORK_ALLOWED):
        raise JournalError(
            f"{path}: the journal would be on a network filesystem ({network}),"
            " where SQLite's write-ahead log is not safe",
            hint=f"put the project on a local disk, or set {NETWORK_ALLOWED}=1 for a slower"
            " journal, if only one machine ever writes it",
        )
    with faults(path, "cannot be opened"):
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if salvaged(path).exists():
            put_in_place(path)
        path.touch(mode=0o600)
        connection = sqlite3.connect(path, isolation_level=None, timeout=BUSY_SECONDS)
        try:
            _prepare(connection, path, "DELETE" if network else "WAL")
        except BaseException:
            connection.close()
            raise
    return connection


def file_of(path: Path) -> tuple[int, int] | None:
    """What tells the file at `path` from any that takes its place; None if there is none."""
    try:
        there = path.stat()
    except FileNotFoundError:
        return None
    return there.st_dev, there.st_ino


def gone(path: Path) -> JournalError:
    """What to do when the file is no longer at `path`: SQLite goes on writing into nothing."""
    return JournalError(
        f"{path}: the journal was moved or deleted while it was in use",
        hint="put it back and run again; without it all is asked anew",
    )


def read_only(path: Path) -> sqlite3.Connection:
    """The file at `path` for reading, beside a run that writes it. Raises JournalError."""
    with faults(path, "cannot be opened"):
        address = f"{path.resolve().as_uri()}?mode=ro"
        # Where nothing can be written and nobody writes, SQLite must not try to share the file.
        still = not path.with_name(f"{path.name}-wal").exists()
        if still and not os.access(path.parent, os.W_OK):
            address += "&immutable=1"
        return sqlite3.connect(address, uri=True, isolation_level=None, timeout=BUSY_SECONDS)


def salvaged(path: Path) -> Path:
    """Where a whole journal waits that is to take the place of a damaged one."""
    return path.with_name(f"{path.name}-salvaged")


def put_in_place(path: Path) -> Path:
    """Put the salvaged journal there; returns where the damaged one is now. Whoever opens the
    journal next ends what was killed at it."""
    number = 1
    while (aside := path.with_name(f"{path.stem}-damaged-{number}{path.suffix}")).exists():
        number += 1
    for end in ("-wal", "-shm", ""):  # in this order: what is left of a file belongs to it
        if (file := path.with_name(f"{path.name}{end}")).exists():
            file.rename(aside.with_name(f"{aside.name}{end}"))
    salvaged(path).rename(path)
    return aside


def schema_of(connection: sqlite3.Connection, path: Path) -> int:
    """The file's schema, 0 if it has no tables yet. Raises JournalError if it is newer than us."""
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if version > SCHEMA:
        raise JournalError(
            f"{path}: written by a newer closedbook (schema {version}, this one knows {SCHEMA})",
            hint="upgrade closedbook, or set another project folder",
        )
    return version


def known_keys(connection: sqlite3.Connection, path: Path) -> set[bytes] | None:
    """The keys of all answers; None if they are too many to hold in memory."""
    with faults(path, "cannot be read"):
        keys = {
            key for (key,) in connection.execute("SELECT key FROM answers LIMIT ?", (KNOWN + 1,))
        }
    return keys if len(keys) <= KNOWN else None


@contextmanager
def faults(path: Path, what: str) -> Iterator[None]:
    """Within the block, errors of SQLite and the system become a JournalError: the journal
    `what`."""
    try:
        yield
    except (OSError, sqlite3.Error) as error:
        raise journal_error(path, what, error) from None


def journal_error(path: Path, what: str, error: Exception) -> JournalError:
    """One line of what happened to the journal and what to do about it."""
    return JournalError(f"{path}: the journal {what}: {error}", hint=_hint(path, error))


def damaged(path: Path, key: bytes, error: Exception) -> JournalError:
    """What to do about one answer that is not what was recorded."""
    statement = f"DELETE FROM answers WHERE key = x'{key.hex()}'"  # noqa: S608 - to be shown
    return JournalError(
        f"{path}: the journal holds a damaged answer: {error}",
        hint=f"the disk may be failing; to have this one asked anew and keep the others:"
        f' sqlite3 {path.name} "{statement}"',
    )


def _prepare(connection: sqlite3.Connection, path: Path, log: str) -> None:
    version = schema_of(connection, path)
    connection.execute(f"PRAGMA journal_mode = {log}")
    connection.execute("PRAGMA synchronous = FULL")
    if version < SCHEMA:
        script = "".join(UP_FROM[old] for old in range(version, SCHEMA)) if version else TABLES
        done = f"PRAGMA user_version = {SCHEMA}; COMMIT;"
        connection.executescript(f"BEGIN IMMEDIATE; {script} {done}")
    connection.executescript(TAKE_OVER)


def _hint(path: Path, error: Exception) -> str:
    # The low byte is the kind of error, the rest its details: https://sqlite.org/rescode.html
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code == sqlite3.SQLITE_FULL or getattr(error, "errno", 0) in (errno.ENOSPC, errno.EDQUOT):
        return "free some disk space and run again; what was committed is kept"
    aside = f"move {path.name} and its -wal file aside together: all is then asked anew"
    if code == sqlite3.SQLITE_NOTADB:
        return f"nothing of it can be read; {aside}"
    if code == sqlite3.SQLITE_CORRUPT:
        return f"`{command('journal --salvage')}` keeps what can be read of it; or {aside}"
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return "another process holds it: end that one, then run again; what was committed is kept"
    return "check free space and permissions; what was committed is kept"
