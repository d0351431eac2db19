"""The journal: every answer a model gave, kept for good, and every attempt to get one.

One SQLite file with one thread that owns it; nothing else writes to it. It knows answers and
calls, not steps, prompts or models. Its promise: when `record` returns, the answer is on disk, and
no crash of the process takes it away. There is no other state to resume from.
"""

from __future__ import annotations

import asyncio
import queue
import re
import sqlite3
import threading
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import anyio
import orjson

from closedbook.errors import JournalError
from closedbook.records import Completion

SCHEMA = 1
BATCH = 64
LINGER = 0.02
"""Seconds an answer may wait for others to share its commit."""

TABLES = """
CREATE TABLE answers (
    key BLOB PRIMARY KEY,
    model TEXT NOT NULL,
    response BLOB NOT NULL,
    prompt_tokens INTEGER,
    completion_tokens INTEGER,
    at REAL NOT NULL
) WITHOUT ROWID;
CREATE TABLE calls (
    id INTEGER PRIMARY KEY,
    key BLOB NOT NULL,
    step TEXT NOT NULL,
    document TEXT NOT NULL,
    outcome TEXT NOT NULL,
    prompt_tokens INTEGER,
    completion_tokens INTEGER,
    seconds REAL NOT NULL,
    at REAL NOT NULL
);
"""
# An answer that is there stays: two askers of one request must never see different answers.
INSERT_ANSWER = "INSERT OR IGNORE INTO answers VALUES (?, ?, ?, ?, ?, ?)"
INSERT_CALL = (
    "INSERT INTO calls"
    " (key, step, document, outcome, prompt_tokens, completion_tokens, seconds, at)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
)
NOT_STORABLE = re.compile("[\x00\ud800-\udfff]")


def storable(text: str) -> str:
    """`text` with NUL and lone surrogates written out (`\\x00`, `\\ud83d`): neither JSON, UTF-8
    files nor databases take them."""
    if text.isascii() and "\x00" not in text:
        return text
    return NOT_STORABLE.sub(lambda match: ascii(match[0])[1:-1], text)


@dataclass(frozen=True, slots=True)
class Call:
    """One attempt: for which step of which document, how it ended, how long it took (seconds)."""

    step: str
    document: str
    outcome: str
    seconds: float
    prompt_tokens: int | None = None
    completion_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class _Write:
    statements: Sequence[tuple[str, tuple[Any, ...]]]
    done: asyncio.Future[Any]


@dataclass(frozen=True, slots=True)
class _Read:
    key: bytes
    done: asyncio.Future[Any]


class Journal:
    """Use as `async with Journal.open(path) as journal`. Every method raises JournalError if the
    file cannot be read or written; after a failed write nothing is written any more."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._loop = asyncio.get_running_loop()
        self._work: queue.SimpleQueue[_Write | _Read | None] = queue.SimpleQueue()
        self._opened: asyncio.Future[Any] = self._loop.create_future()
        self._broken: JournalError | None = None
        self._thread = threading.Thread(target=self._serve, name="journal", daemon=True)

    @classmethod
    @asynccontextmanager
    async def open(cls, path: Path) -> AsyncIterator[Journal]:
        """The journal at `path`, made if absent (mode 0600). Refuses a file of a newer version."""
        journal = cls(path)
        journal._thread.start()
        await journal._opened
        try:
            yield journal
        finally:
            journal._work.put(None)
            with anyio.CancelScope(shield=True):
                await anyio.to_thread.run_sync(journal._thread.join)

    async def lookup(self, key: bytes) -> Completion | None:
        """The answer stored under `key`."""
        response = await self._asked(_Read(key, self._loop.create_future()))
        return None if response is None else Completion(**orjson.loads(response))

    async def record(
        self, key: bytes, model: str, answer: Completion, calls: Sequence[Call]
    ) -> Completion:
        """Store an answer and the calls that led to it; returns, after the commit, the answer as
        it will be read back (see `storable`)."""
        answer = replace(answer, text=storable(answer.text), reasoning=storable(answer.reasoning))
        tokens = (answer.prompt_tokens, answer.completion_tokens)
        row = (key, model, orjson.dumps(answer), *tokens, time.time())
        statements = [(INSERT_ANSWER, row), *(_call(key, call) for call in calls)]
        await self._asked(_Write(statements, self._loop.create_future()))
        return answer

    async def record_failure(self, key: bytes, calls: Sequence[Call]) -> None:
        """Store the calls of a request that got no answer."""
        statements = [_call(key, call) for call in calls]
        await self._asked(_Write(statements, self._loop.create_future()))

    async def _asked(self, work: _Write | _Read) -> Any:
        self._work.put(work)
        return await work.done

    def _serve(self) -> None:
        """The thread's whole life: open, answer, commit, close."""
        try:
            connection = _connected(self._path)
        except JournalError as error:
            self._tell([(self._opened, error)])
            return
        self._tell([(self._opened, None)])
        with closing(connection):
            while self._serve_batch(connection):
                pass

    def _serve_batch(self, connection: sqlite3.Connection) -> bool:
        """Answer reads until there are enough writes, or none more for `LINGER`; then commit.
        False when the journal is being closed."""
        writes: list[_Write] = []
        deadline = 0.0
        work: _Write | _Read | None = None
        while len(writes) < BATCH:
            try:
                left = max(0.0, deadline - time.monotonic()) if writes else None
                work = self._work.get(timeout=left)
            except queue.Empty:
                break
            if work is None:
                self._commit(connection, writes)
                return False
            if isinstance(work, _Read):
                self._tell([(work.done, self._read(connection, work.key))])
                continue
            if not writes:
                deadline = time.monotonic() + LINGER
            writes.append(work)
        self._commit(connection, writes)
        return True

    def _read(self, connection: sqlite3.Connection, key: bytes) -> bytes | JournalError | None:
        try:
            row = connection.execute(
                "SELECT response FROM answers WHERE key = ?", (key,)
            ).fetchone()
        except sqlite3.Error as error:
            return _journal_error(self._path, "cannot be read", error)
        return row[0] if row else None

    def _commit(self, connection: sqlite3.Connection, writes: Sequence[_Write]) -> None:
        if not writes:
            return
        try:
            if self._broken is None:
                with connection:
                    connection.execute("BEGIN IMMEDIATE")
                    for statement, values in (
                        pair for write in writes for pair in write.statements
                    ):
                        connection.execute(statement, values)
        except Exception as error:  # noqa: BLE001 - whoever waits for the commit must hear of it
            self._broken = _journal_error(self._path, "cannot be written", error)
        self._tell([(write.done, self._broken) for write in writes])

    def _tell(self, results: Sequence[tuple[asyncio.Future[Any], Any]]) -> None:
        def settle() -> None:
            for done, result in results:
                if done.done():
                    continue
                if isinstance(result, Exception):
                    done.set_exception(result)
                else:
                    done.set_result(result)

        self._loop.call_soon_threadsafe(settle)


def _call(key: bytes, call: Call) -> tuple[str, tuple[Any, ...]]:
    texts = (storable(call.step), storable(call.document), storable(call.outcome))
    tokens = (call.prompt_tokens, call.completion_tokens)
    return INSERT_CALL, (key, *texts, *tokens, call.seconds, time.time())


def _connected(path: Path) -> sqlite3.Connection:
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.touch(mode=0o600)
        connection = sqlite3.connect(path, isolation_level=None)
    except (OSError, sqlite3.Error) as error:
        raise _journal_error(path, "cannot be opened", error) from None
    try:
        _prepare(connection, path)
    except BaseException:
        connection.close()
        raise
    return connection


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    try:
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version > SCHEMA:
            raise JournalError(
                f"{path}: written by a newer closedbook"
                f" (schema {version}, this one knows {SCHEMA})",
                hint="upgrade closedbook, or set another project folder",
            )
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        if version == 0:
            connection.executescript(f"BEGIN; {TABLES} PRAGMA user_version = {SCHEMA}; COMMIT;")
    except sqlite3.Error as error:
        raise _journal_error(path, "cannot be opened", error) from None


def _journal_error(path: Path, what: str, error: Exception) -> JournalError:
    return JournalError(
        f"{path}: the journal {what}: {error}",
        hint="check free space and permissions; what was committed is kept",
    )
