"""What was recorded is there, whatever happens to the process."""

from __future__ import annotations

import os
import signal
import sqlite3
import stat
import subprocess
import sys
import time
from pathlib import Path

import anyio
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from closedbook.errors import JournalError
from closedbook.records import Completion
from closedbook.store.journal import Call, Journal, storable

CALL = Call("qa/ask", "a.md", "ok", 0.5, 10, 2)


def rows(path: Path, query: str) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(path)
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()


@pytest.mark.anyio
async def test_an_answer_is_found_again_by_a_later_run(tmp_path: Path) -> None:
    path = tmp_path / "state" / "journal.sqlite"
    answer = Completion("text", "thinking", "length", 10, 2)
    async with Journal.open(path) as journal:
        assert await journal.lookup(b"k") is None
        await journal.record(b"k", "some-model", answer, [CALL])
        assert await journal.lookup(b"k") == answer
    async with Journal.open(path) as journal:
        assert await journal.lookup(b"k") == answer
        assert await journal.lookup(b"other") is None
    assert rows(path, "SELECT step, document, outcome, prompt_tokens, seconds FROM calls") == [
        ("qa/ask", "a.md", "ok", 10, 0.5)
    ]


def modes(folder: Path) -> dict[str, int]:
    return {file.name: stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()}


@pytest.mark.anyio
async def test_nobody_else_may_read_it(tmp_path: Path) -> None:
    async with Journal.open(tmp_path / "journal.sqlite") as journal:
        await journal.record(b"k", "m", Completion("secret"), [CALL])
        found = modes(tmp_path)
    assert "journal.sqlite-wal" in found
    assert set(found.values()) == {0o600}


@pytest.mark.anyio
async def test_many_answers_at_once_share_commits(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    started = time.monotonic()
    async with Journal.open(path) as journal, anyio.create_task_group() as group:
        for number in range(1000):
            key = number.to_bytes(4, "big")
            group.start_soon(journal.record, key, "m", Completion(str(number)), [CALL])
    assert rows(path, "SELECT count(*) FROM answers") == [(1000,)]
    # One commit each, with its own wait, would be 20 s.
    assert time.monotonic() - started < 5


@pytest.mark.anyio
async def test_a_failed_request_leaves_its_calls_but_no_answer(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    async with Journal.open(path) as journal:
        await journal.record_failure(b"k", [Call("s", "d", "500: oops", 1.0)] * 3)
        assert await journal.lookup(b"k") is None
    assert rows(path, "SELECT count(*), outcome FROM calls") == [(3, "500: oops")]


@given(st.text(st.characters()))
def test_any_text_becomes_storable_and_clean_text_stays(text: str) -> None:
    stored = storable(text)
    assert "\x00" not in stored
    stored.encode("utf-8")
    if "\x00" not in text and not any("\ud800" <= char <= "\udfff" for char in text):
        assert stored == text


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.text(st.characters()), st.text(st.characters()))
def test_what_is_given_out_is_what_is_read_back(tmp_path: Path, text: str, thought: str) -> None:
    """Otherwise a run from the journal would differ from the first one."""

    async def record_and_read() -> None:
        async with Journal.open(tmp_path / "journal.sqlite") as journal:
            key = os.urandom(20)
            given_out = await journal.record(key, "m", Completion(text, thought), [CALL])
            assert await journal.lookup(key) == given_out

    anyio.run(record_and_read)


@pytest.mark.anyio
async def test_a_newer_journal_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    async with Journal.open(path):
        pass
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(JournalError, match=r"newer closedbook \(schema 99.*upgrade"):
        async with Journal.open(path):
            pass
    assert path.read_bytes() == before


@pytest.mark.anyio
async def test_a_file_that_is_no_journal_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    path.write_text("this is prose, not a database " * 100)
    with pytest.raises(JournalError, match="cannot be opened"):
        async with Journal.open(path):
            pass
    with pytest.raises(JournalError, match="cannot be opened"):
        async with Journal.open(tmp_path):
            pass


@pytest.mark.anyio
async def test_a_write_that_fails_is_told_and_nothing_more_is_written(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    async with Journal.open(path) as journal:
        await journal.record(b"1", "m", Completion("kept"), [CALL])
        saboteur = sqlite3.connect(path)
        saboteur.execute("DROP TABLE calls")
        saboteur.close()
        for key in (b"2", b"3"):
            with pytest.raises(JournalError, match="cannot be written"):
                await journal.record(key, "m", Completion("lost"), [CALL])
    assert rows(path, "SELECT key FROM answers") == [(b"1",)]


WRITER = """
import sys, anyio
from pathlib import Path
from closedbook.records import Completion
from closedbook.store.journal import Call, Journal

async def main() -> None:
    async with Journal.open(Path(sys.argv[1])) as journal:
        async def write(start: int) -> None:
            for number in range(start, 10**9, 8):
                key = number.to_bytes(8, "big")
                await journal.record(key, "m", Completion("x" * 500), [Call("s", "d", "ok", 0.1)])
                print(number, flush=True)
        async with anyio.create_task_group() as group:
            for start in range(8):
                group.start_soon(write, start)

anyio.run(main)
"""


def test_after_kill_9_every_recorded_answer_is_there(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True
    )
    assert writer.stdout is not None
    with writer.stdout as output:
        told = [int(output.readline()) for _ in range(100)]
        writer.send_signal(signal.SIGKILL)
        told += [int(line) for line in output if line.endswith("\n")]
    writer.wait()

    async def missing() -> list[int]:
        async with Journal.open(path) as journal:
            keys = [number.to_bytes(8, "big") for number in told]
            found = [await journal.lookup(key) for key in keys]
            return [number for number, answer in zip(told, found, strict=True) if answer is None]

    assert anyio.run(missing) == []
