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
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import replace
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, Generic, NamedTuple, TypeVar

import anyio
import orjson

from closedbook.errors import JournalError
from closedbook.records import Completion
from closedbook.store.journal_file import (
    KNOWN,
    connected,
    damaged,
    file_of,
    gone,
    journal_error,
    known_keys,
)

BATCH = 64
LINGER = 0.02
"""Seconds an answer may wait for others to share its commit."""

# An answer that is there stays: two askers of one request must never see different answers.
INSERT_ANSWERS = (
    "INSERT OR IGNORE INTO answers"
    " (key, model, response, prompt_tokens, completion_tokens, at, crc) VALUES "
)
INSERT_CALLS = (
    "INSERT INTO calls"
    " (key, step, document, outcome, seconds, prompt_tokens, completion_tokens, model, usd,"
    " most_tokens, at) VALUES "
)
INSERT_BEGUN = (
    "INSERT OR REPLACE INTO begun (key, attempt, step, document, model, usd, most_tokens, at)"
    " VALUES "
)
DELETE_BEGUN = "DELETE FROM begun WHERE key = ?"
SELECT_ANSWER = "SELECT response, crc FROM answers WHERE key = ?"
NOT_STORABLE = re.compile("[\x00\ud800-\udfff]")
Values = tuple[Any, ...]


def storable(text: str) -> str:
    """`text` with NUL and lone surrogates written out (`\\x00`, `\\ud83d`): neither JSON, UTF-8
    files nor databases take them."""
    # Both many times as fast as the search, and nearly every text is clean.
    if "\x00" not in text and (text.isascii() or _is_unicode(text)):
        return text
    return NOT_STORABLE.sub(lambda match: ascii(match[0])[1:-1], text)


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


_name = lru_cache(maxsize=1024)(storable)
"""`storable` of what is written again and again."""


class Call(NamedTuple):
    """One attempt: for which step of which document, how it ended, how long it took (seconds).

    `usd` is None without a price. An endpoint may not count the tokens; `most_tokens` is then how
    many they can have been, and `usd` their price.
    """

    step: str
    document: str
    outcome: str
    seconds: float
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    model: str = ""
    usd: float | None = None
    most_tokens: int | None = None


class _Read(NamedTuple):
    key: bytes
    done: asyncio.Future[Any]


class _Write(NamedTuple):
    """An answer and its calls; or an attempt that has `begun`; or the key of those that are
    `over`."""

    done: asyncio.Future[Any]
    answer: Values | None = None
    calls: Sequence[Values] = ()
    begun: Values | None = None
    over: bytes | None = None


T = TypeVar("T")
Job = Callable[[sqlite3.Connection], None]


class _Gathering(Generic[T]):
    """Gathers what is asked within `wait` seconds, at most `BATCH`, into one job of the thread:
    the loop and the thread wake each other once per batch, not once per answer."""

    def __init__(self, wait: float, hand_over: Callable[[list[T]], None]) -> None:
        self._wait = wait
        self._hand_over = hand_over
        self._items: list[T] = []
        self._timer: asyncio.TimerHandle | None = None

    def add(self, item: T, *, soon: bool = False) -> None:
        """`soon`: together only with what is added in this round of the event loop."""
        self._items.append(item)
        if len(self._items) >= BATCH:
            self.flush()
        elif soon or self._timer is None:
            if self._timer is not None:
                self._timer.cancel()
            wait = 0.0 if soon else self._wait
            self._timer = asyncio.get_running_loop().call_later(wait, self.flush)

    def flush(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._items:
            items, self._items = self._items, []
            self._hand_over(items)


class Journal:
    """Use as `async with Journal.open(path) as journal`. Every method raises JournalError if the
    file cannot be read or written; after a failed write nothing is written any more."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._loop = asyncio.get_running_loop()
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._reads = _Gathering[_Read](0, lambda reads: self._jobs.put(partial(self._read, reads)))
        self._writes = _Gathering[_Write](
            LINGER, lambda writes: self._jobs.put(partial(self._commit, writes))
        )
        self._known: set[bytes] | None = None
        self._begun: set[bytes] = set()
        self._file: tuple[int, int] | None = None
        self._opened: asyncio.Future[set[bytes] | None] = self._loop.create_future()
        self._broken: JournalError | None = None
        self._thread = threading.Thread(target=self._serve, name="journal", daemon=True)

    @classmethod
    @asynccontextmanager
    async def open(cls, path: Path) -> AsyncIterator[Journal]:
        """The journal at `path`, made if absent (mode 0600). Refuses a file of a newer version and
        a network filesystem."""
        journal = cls(path)
        journal._thread.start()
        try:
            journal._known = await journal._opened
            yield journal
        finally:
            journal._reads.flush()
            journal._writes.flush()
            journal._jobs.put(None)
            with anyio.CancelScope(shield=True):
                # Not AnyIO's thread, which a second Ctrl-C leaves waiting for work for ever.
                await asyncio.to_thread(journal._thread.join)

    async def lookup(self, key: bytes) -> Completion | None:
        """The answer stored under `key`."""
        if self._known is not None and key not in self._known:
            return None
        read = _Read(key, self._loop.create_future())
        self._reads.add(read)
        row = await read.done
        return None if row is None else decoded(self._path, key, *row)

    async def record(
        self, key: bytes, model: str, answer: Completion, calls: Sequence[Call]
    ) -> Completion:
        """Store an answer and the calls that led to it; returns, after the commit, the answer as
        it will be read back (see `storable`)."""
        texts = (answer.text, answer.reasoning, answer.finish_reason)
        clean = tuple(map(storable, texts))
        if clean != texts:
            text, reasoning, finish_reason = clean
            answer = replace(answer, text=text, reasoning=reasoning, finish_reason=finish_reason)
        self._know(key)
        tokens = (answer.prompt_tokens, answer.completion_tokens)
        response = orjson.dumps(answer)
        row = (key, _name(model), response, *tokens, time.time(), zlib.crc32(response))
        await self._written(key, row, [_row(key, call, model) for call in calls])
        return answer

    def record_failure(self, key: bytes, calls: Sequence[Call]) -> Awaitable[None]:
        """Store the calls of a request that got no answer: at once, and durable when the result
        was awaited or the journal is closed."""
        return self._written(key, None, [_row(key, call) for call in calls])

    def begin(self, key: bytes, attempt: int, call: Call) -> Awaitable[None]:
        """Store that an attempt begins, which may cost as much as `call` says; durable when the
        result was awaited. If the process ends before its outcome is recorded, whoever opens the
        journal next finds it among the calls."""
        self._begun.add(key)
        texts = (_name(call.step), _name(call.document), _name(call.model))
        begun = (key, attempt, *texts, call.usd, call.most_tokens, time.time())
        write = _Write(self._loop.create_future(), begun=begun)
        self._writes.add(write, soon=True)
        return write.done

    def _written(
        self, key: bytes, answer: Values | None, calls: Sequence[Values]
    ) -> Awaitable[None]:
        over = None
        if key in self._begun:
            self._begun.discard(key)
            over = key
        write = _Write(self._loop.create_future(), answer, calls, over=over)
        self._writes.add(write)
        return write.done

    def _know(self, key: bytes) -> None:
        """Before the commit, because whoever waits for it may be cancelled and the answer stays;
        a key too many costs only a read."""
        if self._known is not None:
            self._known.add(key)
            if len(self._known) > KNOWN:
                self._known = None

    def _serve(self) -> None:
        """The thread's whole life: open, read and commit what is asked, close."""
        try:
            connection = connected(self._path)
        except Exception as error:  # noqa: BLE001 - whoever opens must hear of it
            self._tell([(self._opened, error)])
            return
        self._file = file_of(self._path)
        with closing(connection):
            try:
                self._tell([(self._opened, known_keys(connection, self._path))])
            except JournalError as error:
                self._tell([(self._opened, error)])
                return
            for job in iter(self._jobs.get, None):
                job(connection)

    def _read(self, reads: Sequence[_Read], connection: sqlite3.Connection) -> None:
        found: list[Any] = []
        try:
            for read in reads:
                row = connection.execute(SELECT_ANSWER, (read.key,)).fetchone()
                found.append(row)
        except Exception as error:  # noqa: BLE001 - whoever waits must hear of it
            failure = journal_error(self._path, "cannot be read", error)
            found += [failure] * (len(reads) - len(found))
        self._tell([(read.done, result) for read, result in zip(reads, found, strict=True)])

    def _commit(self, writes: Sequence[_Write], connection: sqlite3.Connection) -> None:
        try:
            if self._broken is None:
                with connection:
                    connection.execute("BEGIN IMMEDIATE")
                    _insert(connection, INSERT_ANSWERS, [w.answer for w in writes if w.answer])
                    _insert(connection, INSERT_CALLS, [row for w in writes for row in w.calls])
                    _insert(connection, INSERT_BEGUN, [w.begun for w in writes if w.begun])
                    over = [(w.over,) for w in writes if w.over]
                    connection.executemany(DELETE_BEGUN, over)
                if file_of(self._path) != self._file:
                    self._broken = gone(self._path)
        except Exception as error:  # noqa: BLE001 - whoever waits for the commit must hear of it
            self._broken = journal_error(self._path, "cannot be written", error)
        self._tell([(write.done, self._broken) for write in writes])

    def _tell(self, results: Sequence[tuple[asyncio.Future[Any], Any]]) -> None:
        def settle() -> None:
            for done, result in results:
                if done.done():
                    continue
                if isinstance(result, Exception):
                    done.set_exception(result)
                    done.exception()  # of those who were to wait, some were cancelled meanwhile
                else:
                    done.set_result(result)

        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            self._loop.call_soon_threadsafe(settle)


def _insert(connection: sqlite3.Connection, statement: str, rows: Sequence[Values]) -> None:
    """Rows by as few statements as can be: at the end of each, this thread may wait 5 ms for the
    busy one that runs the loop."""
    for start in range(0, len(rows), BATCH):
        part = rows[start : start + BATCH]
        holes = f"({', '.join('?' * len(part[0]))})"
        connection.execute(
            statement + ", ".join([holes] * len(part)), [value for row in part for value in row]
        )


def decoded(path: Path, key: bytes, response: bytes, crc: int | None) -> Completion:
    """An answer as it was recorded. Raises JournalError if the bytes are others."""
    try:
        if crc is not None and crc != zlib.crc32(response):
            raise ValueError("its checksum is another")
        return Completion(**orjson.loads(response))
    except (ValueError, TypeError) as error:
        raise damaged(path, key, error) from None


def _row(key: bytes, call: Call, model: str = "") -> Values:
    texts = (_name(call.step), _name(call.document), _name(call.outcome))
    tokens = (call.prompt_tokens, call.completion_tokens)
    whose = _name(call.model or model)
    return (key, *texts, call.seconds, *tokens, whose, call.usd, call.most_tokens, time.time())
