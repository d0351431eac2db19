"""A journal of an earlier version goes on: its answers are found, its calls keep their meaning."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import orjson
import pytest

from closedbook.errors import JournalError
from closedbook.records import Completion
from closedbook.store.accounts import find, overall, totals
from closedbook.store.journal import Call, Journal

SCHEMA_1 = """
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
PRAGMA user_version = 1;
"""
OLD = Completion("old", "thought", "stop", 10, 2)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A journal of schema 1: an answer after a failed call, and a request that only failed."""
    path = tmp_path / "journal.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(SCHEMA_1)
        row = (b"a", "old-model", orjson.dumps(OLD), 10, 2, 1.0)
        connection.execute("INSERT INTO answers VALUES (?, ?, ?, ?, ?, ?)", row)
        for key, outcome, tokens in ((b"a", "500", None), (b"a", "ok", 10), (b"b", "500", None)):
            connection.execute(
                "INSERT INTO calls VALUES (NULL, ?, 's', 'd', ?, ?, 2, 0.5, 1.0)",
                (key, outcome, tokens),
            )
        connection.commit()
    return path


def models(path: Path) -> list[tuple[str]]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("SELECT model FROM calls ORDER BY id").fetchall()


@pytest.mark.anyio
async def test_old_answers_are_found_and_new_ones_join_them(path: Path) -> None:
    for _ in range(2):
        async with Journal.open(path) as journal:
            assert await journal.lookup(b"a") == OLD
            assert await journal.lookup(b"b") is None
    assert models(path) == [("old-model",), ("old-model",), ("",)]
    async with Journal.open(path) as journal:
        await journal.record(b"c", "new-model", Completion("new"), [Call("s", "d", "ok", 0.1)])
        await journal.record_failure(b"d", [Call("s", "d", "500", 0.1, model="other-model")])
        assert await journal.lookup(b"c") == Completion("new")
    assert models(path)[3:] == [("new-model",), ("other-model",)]


def test_accounts_read_an_old_journal_as_it_is(path: Path) -> None:
    before = path.read_bytes()
    assert [(item.name, item.requests) for item in totals(path, "model")] == [
        ("old-model", 2),
        ("", 1),
    ]
    assert overall(path).wasted == 2
    assert [call.model for call in find(path, "61").calls] == ["old-model", "old-model"]
    assert path.read_bytes() == before


@pytest.mark.anyio
async def test_an_upgrade_that_fails_leaves_the_old_journal(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(
            "CREATE TRIGGER full BEFORE UPDATE ON calls WHEN new.id = 3"
            " BEGIN SELECT raise(ABORT, 'no more'); END"
        )
    with pytest.raises(JournalError, match="cannot be opened: no more"):
        async with Journal.open(path):
            pass
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (1,)
        columns = connection.execute("SELECT name FROM pragma_table_info('calls')").fetchall()
        assert ("model",) not in columns
        assert connection.execute("SELECT count(*) FROM answers").fetchone() == (1,)
