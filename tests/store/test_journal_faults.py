"""Whatever happens to the file is told in one line with what to do, and no answer is lost to it."""

from __future__ import annotations

import errno
import gc
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import anyio
import pytest

from closedbook.errors import JournalError
from closedbook.records import Completion
from closedbook.store import journal as journal_module
from closedbook.store import journal_file
from closedbook.store import salvage as salvaging
from closedbook.store.accounts import find, spent
from closedbook.store.journal import Call, Journal
from closedbook.store.salvage import salvage

CALL = Call("qa/ask", "a.md", "ok", 0.5, 10, 2)


@pytest.fixture(autouse=True)
def _end_is_soon_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """To look 100,000 rows beyond the last one takes a while."""
    monkeypatch.setattr(salvaging, "GAP", salvaging.GAP // 100)


async def refused(path: Path) -> str:
    """What is said when the journal is opened."""
    with pytest.raises(JournalError) as raised:
        async with Journal.open(path):
            pass
    text = str(raised.value)
    assert "\n" not in text
    assert raised.value.hint
    return text


async def fill(path: Path, answers: int) -> None:
    async with Journal.open(path) as journal, anyio.create_task_group() as group:
        for number in range(answers):
            key = number.to_bytes(20, "big")
            group.start_soon(journal.record, key, "m", Completion("x" * 1000), [CALL])


def keys(path: Path) -> list[bytes]:
    connection = sqlite3.connect(path)
    try:
        return [key for (key,) in connection.execute("SELECT key FROM answers ORDER BY key")]
    finally:
        connection.close()


def calls(path: Path) -> int:
    connection = sqlite3.connect(path)
    try:
        return int(connection.execute("SELECT count(*) FROM calls").fetchone()[0])
    finally:
        connection.close()


@pytest.mark.anyio
async def test_a_newer_journal_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    async with Journal.open(path):
        pass
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    before = path.read_bytes()
    text = await refused(path)
    assert "newer closedbook (schema 99" in text
    assert "upgrade" in text
    assert path.read_bytes() == before


@pytest.mark.anyio
async def test_a_file_that_is_no_journal_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    path.write_text("this is prose, not a database " * 100)
    before = path.read_bytes()
    text = await refused(path)
    assert "cannot be opened: file is not a database" in text
    assert "aside" in text
    assert path.read_bytes() == before
    assert "cannot be opened" in await refused(tmp_path)


@pytest.mark.anyio
async def test_a_damaged_journal_says_what_can_be_salvaged(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    await fill(path, 500)
    page = 4096
    whole = path.read_bytes()
    path.write_bytes(whole[: 2 * page] + b"\xa5" * (len(whole) - 2 * page))
    text = await refused(path)
    assert "database disk image is malformed" in text
    assert "closedbook journal --salvage" in text
    assert "move journal.sqlite and its -wal file aside" in text


@pytest.mark.anyio
async def test_what_lies_on_other_pages_is_salvaged(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    await fill(path, 500)
    whole = path.read_bytes()
    connection = sqlite3.connect(path)
    ours = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'answers'")
    (root,) = ours.fetchone()
    connection.close()
    lost = {
        start for start in range(4096 * 20, len(whole), 4096 * 30) if start != (root - 1) * 4096
    }
    damaged = bytearray(whole)
    for start in lost:
        damaged[start : start + 4096] = b"\xa5" * 4096
    path.write_bytes(damaged)
    kept = salvage(path)
    assert 350 < kept.answers < 500
    assert (kept.calls, kept.aside.read_bytes()) == (calls(path), bytes(damaged))
    async with Journal.open(path) as journal:
        for key in keys(path):
            assert await journal.lookup(key) == Completion("x" * 1000)
    assert len(keys(path)) == kept.answers
    assert salvage(path).answers == kept.answers, "of a sound journal all is kept"


@pytest.mark.anyio
async def test_of_a_file_that_lost_its_end_the_beginning_is_salvaged(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    await fill(path, 60)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    assert "malformed" in await refused(path)
    kept = salvage(path)
    assert 10 < kept.answers < 60
    assert len(keys(path)) == kept.answers
    left = [file.name async for file in anyio.Path(tmp_path).iterdir()]
    assert sorted(left) == ["journal-damaged-1.sqlite", "journal.sqlite"]
    assert kept.aside.stat().st_size == len(whole) // 2


@pytest.mark.anyio
@pytest.mark.parametrize("survived", range(4))
async def test_salvaging_that_was_killed_is_ended_by_whoever_opens_the_journal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, survived: int
) -> None:
    path, ends = tmp_path / "journal.sqlite", ("", "-wal", "-shm")
    await fill(path, 3)
    for end in ends[1:]:
        path.with_name(f"{path.name}{end}").touch()
    moves: list[Path] = []
    move = Path.rename

    def killed(old: Path, new: Path) -> Path:
        if len(moves) > survived:
            raise KeyboardInterrupt
        moves.append(new)
        return move(old, new)

    monkeypatch.setattr(Path, "rename", killed)
    with pytest.raises(KeyboardInterrupt):
        salvage(path)
    monkeypatch.undo()
    async with Journal.open(path) as journal:
        assert await journal.lookup(bytes(20)) == Completion("x" * 1000)
    aside = tmp_path / "journal-damaged-1.sqlite"
    names = {*(f"{aside.name}{end}" for end in ends), path.name}
    assert {file.name for file in tmp_path.iterdir()} == names  # noqa: ASYNC240
    assert len(keys(aside)) == len(keys(path)) == 3


@pytest.mark.anyio
async def test_of_what_is_no_journal_nothing_is_salvaged(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    path.write_text("this is prose, not a database " * 100)
    before = path.read_bytes()
    with pytest.raises(JournalError, match="cannot be salvaged: file is not a database"):
        salvage(path)
    assert path.read_bytes() == before


@pytest.mark.anyio
async def test_a_page_damaged_while_it_is_open_is_told_to_whoever_reads(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    await fill(path, 500)
    async with Journal.open(path) as journal:
        with path.open("r+b") as file:
            file.seek(4096)
            file.write(b"\xa5" * (path.stat().st_size - 4096))
        # The last answers' pages are not in SQLite's cache.
        with pytest.raises(JournalError, match=r"cannot be read.*malformed.*aside"):
            await journal.lookup((499).to_bytes(20, "big"))


@pytest.mark.anyio
@pytest.mark.parametrize("damage", ["'{\"text'", "CAST(replace(response, 'xxx', 'xxy') AS BLOB)"])
async def test_a_damaged_answer_is_no_answer_and_the_message_says_how_to_go_on(
    tmp_path: Path, damage: str
) -> None:
    path = tmp_path / "journal.sqlite"
    await fill(path, 2)
    first = bytes(20)
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute(f"UPDATE answers SET response = {damage} WHERE key = ?", (first,))
    async with Journal.open(path) as journal:
        with pytest.raises(JournalError, match="holds a damaged answer") as caught:
            await journal.lookup(first)
        assert await journal.lookup((1).to_bytes(20, "big")) == Completion("x" * 1000)
    with pytest.raises(JournalError, match="holds a damaged answer"):
        find(path, first.hex())
    connection.execute(caught.value.hint.split('"')[1])
    connection.close()
    async with Journal.open(path) as journal:
        assert await journal.lookup(first) is None


@pytest.mark.anyio
async def test_a_full_disk_stops_writing_and_keeps_what_was_committed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, logged: Callable[[], str]
) -> None:
    def on_a_small_disk(path: Path) -> sqlite3.Connection:
        connection = journal_file.connected(path)
        connection.execute("PRAGMA max_page_count = 30")
        return connection

    monkeypatch.setattr(journal_module, "connected", on_a_small_disk)
    path = tmp_path / "journal.sqlite"
    told: list[bytes] = []

    async def record_a_thousand(journal: Journal) -> None:
        for number in range(1000):
            key = number.to_bytes(20, "big")
            await journal.record(key, "m", Completion("x" * 1000), [CALL])
            told.append(key)

    async with Journal.open(path) as journal:
        with pytest.raises(JournalError, match=r"is full \(free some disk space and run again"):
            await record_a_thousand(journal)
        with pytest.raises(JournalError, match="is full"):
            await journal.record_failure(b"k", [CALL])
        journal.record_failure(b"of a task that was stopped", [CALL])
        assert await journal.lookup(told[0]) == Completion("x" * 1000)
    gc.collect()
    assert not logged(), "no traceback for what nobody waited for"
    assert told
    assert keys(path) == told


@pytest.mark.anyio
async def test_a_system_that_has_no_space_to_begin_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: Path, mode: int = 0, *, exist_ok: bool = True) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "touch", full)
    assert "free some disk space" in await refused(tmp_path / "journal.sqlite")


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
    assert keys(path) == [b"1"]


@pytest.mark.anyio
@pytest.mark.parametrize("replaced", [False, True])
async def test_a_file_that_went_away_while_it_is_open_is_told_to_whoever_writes(
    tmp_path: Path, replaced: bool
) -> None:
    path = tmp_path / "journal.sqlite"
    async with Journal.open(path) as journal:
        await journal.record(b"1" * 20, "m", Completion("kept"), [CALL])
        path.rename(tmp_path / "elsewhere.sqlite")
        if replaced:
            path.touch()
        for key in (b"2" * 20, b"3" * 20):
            with pytest.raises(JournalError, match="was moved or deleted while it was in use"):
                await journal.record(key, "m", Completion("lost"), [CALL])


@pytest.mark.anyio
async def test_a_second_writer_is_waited_for_and_then_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal_file, "BUSY_SECONDS", 0.1)
    path = tmp_path / "journal.sqlite"
    async with Journal.open(path) as journal:
        await journal.record(b"1", "m", Completion("kept"), [CALL])
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(JournalError, match=r"is locked \(another process holds it: end that"):
            await journal.record(b"2", "m", Completion("lost"), [CALL])
        other.close()
    assert keys(path) == [b"1"]


@pytest.mark.anyio
async def test_a_network_filesystem_is_refused_unless_it_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journal_file, "mount_table", lambda: "server:/home / nfs4 rw 0 0\n")
    path = tmp_path / "state" / "journal.sqlite"
    text = await refused(path)
    assert "network filesystem (nfs4)" in text
    assert "local disk" in text
    assert not path.parent.exists()
    monkeypatch.setenv("CLOSEDBOOK_NETWORK_JOURNAL", "1")
    async with Journal.open(path) as journal:
        await journal.record(b"1", "m", Completion("kept"), [CALL])
        # The write-ahead log, which needs memory shared by all who open the file, is not used.
        assert not path.with_name("journal.sqlite-shm").exists()
    assert keys(path) == [b"1"]


@pytest.mark.anyio
async def test_attempts_on_their_way_are_salvaged_as_spent(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    async with Journal.open(path):
        pass
    with closing(sqlite3.connect(path)) as file, file:
        file.execute("INSERT INTO begun VALUES (x'01', 0, 's', 'd', 'm', 5.0, 9, 0)")
    salvage(path)
    async with Journal.open(path):
        pass
    (model,) = spent(path)
    assert (model.requests, model.usd) == (1, 5.0)


def test_where_nothing_can_be_salvaged_all_stays(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"

    async def made() -> None:
        async with Journal.open(path):
            pass

    anyio.run(made)
    before = path.read_bytes()
    with pytest.raises(JournalError, match="nothing of it can be read"):
        salvage(path)
    assert path.read_bytes() == before
    assert not list(tmp_path.glob(".*"))
