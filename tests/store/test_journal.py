"""What was recorded is there, whatever happens to the process."""

from __future__ import annotations

import os
import signal
import sqlite3
import stat
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import anyio
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from closedbook.records import Completion
from closedbook.store import journal as journal_module
from closedbook.store import journal_file
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
    assert rows(
        path, "SELECT step, document, outcome, prompt_tokens, seconds, model FROM calls"
    ) == [("qa/ask", "a.md", "ok", 10, 0.5, "some-model")]


@pytest.mark.anyio
async def test_what_had_begun_when_a_process_ended_is_on_the_books(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    most = Call("qa/ask", "a.md", "", 0.0, model="m", usd=0.5, most_tokens=700)
    async with Journal.open(path) as journal:
        for key in (b"answered", b"failed", b"lost"):
            await journal.begin(key, 0, most)
        await journal.begin(b"lost", 1, most)
        await journal.record(b"answered", "m", Completion("text"), [CALL])
        await journal.record_failure(b"failed", [])
    for _ in range(2):
        async with Journal.open(path):
            pass
        found = rows(path, "SELECT key, outcome, usd, most_tokens, prompt_tokens FROM calls")
        lost = (b"lost", journal_file.KILLED, 0.5, 700, None)
        assert found == [(b"answered", "ok", None, None, 10), lost, lost]


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
async def test_many_answers_at_once_share_commits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, commits, commit = tmp_path / "journal.sqlite", [], Journal._commit

    def counted(journal: Journal, writes: Sequence[Any], connection: sqlite3.Connection) -> None:
        commits.append(len(writes))
        commit(journal, writes, connection)

    monkeypatch.setattr(Journal, "_commit", counted)
    async with Journal.open(path) as journal, anyio.create_task_group() as group:
        for number in range(1000):
            key = number.to_bytes(4, "big")
            group.start_soon(journal.record, key, "m", Completion(str(number)), [CALL])
    assert rows(path, "SELECT count(*) FROM answers") == [(1000,)]
    assert len(commits) < 100


@pytest.mark.anyio
async def test_a_lone_answer_does_not_wait_for_others(tmp_path: Path) -> None:
    async with Journal.open(tmp_path / "journal.sqlite") as journal:
        with anyio.fail_after(30):
            await journal.record(b"k", "m", Completion("alone"), [CALL])
            await journal.lookup(b"k")


@pytest.mark.anyio
@pytest.mark.parametrize("known", [0, 5, 10])
async def test_more_keys_than_memory_holds_are_still_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, known: int
) -> None:
    monkeypatch.setattr(journal_file, "KNOWN", known)
    monkeypatch.setattr(journal_module, "KNOWN", known)
    path = tmp_path / "journal.sqlite"
    for start in (0, 4):
        async with Journal.open(path) as journal:
            for number in range(start, start + 4):
                await journal.record(bytes([number]), "m", Completion(str(number)), [CALL])
            found = [await journal.lookup(bytes([number])) for number in range(start + 5)]
        texts = [answer.text if answer else None for answer in found]
        assert texts == [*(str(number) for number in range(start + 4)), None]


@pytest.mark.anyio
async def test_an_answer_whose_asker_was_cancelled_is_kept_and_found(tmp_path: Path) -> None:
    async with Journal.open(tmp_path / "journal.sqlite") as journal:
        with anyio.move_on_after(0):
            await journal.record(b"k", "m", Completion("paid"), [CALL])
        await journal.record(b"other", "m", Completion("later"), [CALL])
        assert await journal.lookup(b"k") == Completion("paid")


@pytest.mark.anyio
async def test_what_waits_when_the_journal_is_closed_is_committed(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    async with anyio.create_task_group() as group, Journal.open(path) as journal:
        group.start_soon(journal.record, b"k", "m", Completion("last"), [CALL])
        await anyio.lowlevel.checkpoint()
    assert rows(path, "SELECT key FROM answers") == [(b"k",)]


@pytest.mark.anyio
async def test_a_clock_that_jumps_back_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter([1e9, 1e9, 0.0, 0.0, -1e9, -1e9])
    async with Journal.open(tmp_path / "journal.sqlite") as journal:
        monkeypatch.setattr(time, "time", lambda: next(clock))
        with anyio.fail_after(10):
            for key in (b"1", b"2", b"3"):
                await journal.record(key, "m", Completion("text"), [CALL])
        assert await journal.lookup(b"3") == Completion("text")


@pytest.mark.anyio
async def test_answers_of_a_megabyte(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    answer = Completion("é" * 2**20, "r" * 2**20)
    async with Journal.open(path) as journal, anyio.create_task_group() as group:
        for number in range(10):
            group.start_soon(journal.record, bytes([number]), "m", answer, [CALL])
    async with Journal.open(path) as journal:
        assert [await journal.lookup(bytes([number])) for number in range(10)] == [answer] * 10


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


@settings(max_examples=20, suppress_health_check=list(HealthCheck))
@given(st.text(st.characters()), st.text(st.characters()), st.text(st.characters()))
def test_what_is_given_out_is_what_is_read_back(
    tmp_path: Path, text: str, thought: str, name: str
) -> None:
    """Otherwise a run from the journal would differ from the first one."""
    answer, call = Completion(text, thought, name), Call(name, name, name, 0.5)

    async def record_and_read() -> None:
        async with Journal.open(tmp_path / "journal.sqlite") as journal:
            key = os.urandom(20)
            given_out = await journal.record(key, name, answer, [call])
            assert await journal.lookup(key) == given_out

    anyio.run(record_and_read)


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
    # An answer and its calls are one commit: nothing is there by halves.
    answers, calls = "SELECT count(*) FROM answers", "SELECT count(DISTINCT key) FROM calls"
    assert rows(path, answers) == rows(path, calls)
    assert rows(path, "PRAGMA integrity_check") == [("ok",)]
