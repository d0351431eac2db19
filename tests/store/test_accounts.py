"""What was asked and what it took: every call counted once, also while a run is writing."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import anyio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner, Result

from closedbook.cli.main import app
from closedbook.errors import JournalError, UserError
from closedbook.records import Completion
from closedbook.store.accounts import (
    By,
    Pace,
    Spent,
    Totals,
    answers,
    find,
    journal_of,
    overall,
    pace,
    spent,
    totals,
)
from closedbook.store.journal import Call, Journal, storable
from closedbook.store.journal_file import read_only

FAILED = Call("qa/ask", "a.md", "429: slow down", 0.5, model="big")
CUT = Call("qa/ask", "a.md", "length", 2.0, 100, 50, model="big")
PAID = Call("qa/ask", "a.md", "ok", 1.0, 100, 20, usd=0.25)
JUDGED = Call("qa/judge", "b.md", "ok", 0.25, 70, 1, usd=0.125)
SILENT = Call("qa/judge", "a.md", "ok", 0.25, usd=0.375, most_tokens=100)
ANSWER = Completion("a [red]text[/red]", "a thought", "stop", 100, 20)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Three answers by two models after two wasted calls, and a request that got no answer."""

    async def fill() -> None:
        async with Journal.open(tmp_path / ".closedbook" / "journal.sqlite") as journal:
            await journal.record(b"\x0a" * 20, "big", ANSWER, [FAILED, CUT, PAID])
            await journal.record(b"\x0b" * 20, "judge", Completion("YES"), [JUDGED])
            await journal.record(b"\x0b\x0c" * 10, "judge", Completion("NO"), [SILENT])
            await journal.record_failure(b"\x0d" * 20, [FAILED])

    anyio.run(fill)
    return tmp_path


@pytest.fixture
def path(project: Path) -> Path:
    return journal_of(project)


def test_totals_by_step_model_and_document(path: Path) -> None:
    ask = Totals(
        "qa/ask",
        4,
        1,
        3,
        100,
        20,
        150,
        uncounted=2,
        seconds=4.0,
        usd=0.25,
        known_usd=0.25,
        unpriced=3,
    )
    judge = Totals(
        "qa/judge", 2, 2, 0, 70, 1, 0, uncounted=1, seconds=0.5, usd=0.5, known_usd=0.125
    )
    assert totals(path, "step") == [ask, judge]
    assert [(item.name, item.requests) for item in totals(path, "model")] == [
        ("big", 4),
        ("judge", 2),
    ]
    assert [(item.name, item.answers) for item in totals(path, "document")] == [
        ("a.md", 2),
        ("b.md", 1),
    ]
    assert overall(path) == Totals("", 6, 3, 3, 170, 21, 150, 3, 4.5, 0.75, 0.375, 3)


def test_everything_sent_is_spent(path: Path) -> None:
    assert spent(path) == [
        Spent("big", 4, 270, 0.25, 100, 50),
        Spent("judge", 2, 171, 0.5, 0, 0),
    ]


def test_an_answer_is_found_by_the_beginning_of_its_key(path: Path) -> None:
    found = find(path, "0a0")
    assert (found.key, found.model, found.answer) == ("0a" * 20, "big", ANSWER)
    assert [(call.outcome, call.model) for call in found.calls] == [
        ("429: slow down", "big"),
        ("length", "big"),
        ("ok", "big"),
    ]
    assert find(path, "0B" * 20).answer == Completion("YES")
    assert find(path, "0b0c0").answer == Completion("NO")
    for prefix, problem in {
        "0": "more than one answer",
        "0b": "more than one answer",
        "0d": "no answer",
        "ff": "no answer",
        "not hex": "is no key",
    }.items():
        with pytest.raises(UserError, match=problem):
            find(path, prefix)


@pytest.mark.anyio
async def test_a_run_and_its_accounts_do_not_disturb_each_other(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    async with Journal.open(path) as journal:
        for number in range(1, 6):
            await journal.record(bytes([number]), "m", ANSWER, [PAID])
            assert spent(path) == [Spent("m", number, 120 * number, 0.25 * number, 0, 0)]
            assert find(path, f"0{number}").calls[0].model == "m"


def test_accounts_change_nothing(path: Path) -> None:
    before = path.read_bytes()
    path.chmod(0o400)
    totals(path, "step")
    find(path, "0a")
    assert path.read_bytes() == before


def test_what_cannot_be_read_is_one_line(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 99")
    for ask in (overall, spent):
        with pytest.raises(JournalError, match=r"newer closedbook \(schema 99"):
            ask(path)
    path.write_text("this is prose, not a database " * 100)
    with pytest.raises(JournalError, match=r"cannot be read: file is not a database .*aside"):
        overall(path)


TOKENS = st.none() | st.integers(0, 10**9)
NAMES = st.sampled_from(["", "a", "b\x00", "ß\ud800"])
CALLS = st.builds(
    Call,
    NAMES,
    NAMES,
    st.sampled_from(["ok", "500", "length"]),
    st.just(0.5),
    TOKENS,
    TOKENS,
    NAMES,
    usd=st.none(),
    most_tokens=st.none(),
)


@settings(max_examples=25)
@given(st.lists(st.lists(CALLS, max_size=4), max_size=6))
def test_the_parts_add_up_to_the_whole(
    tmp_path_factory: pytest.TempPathFactory, requests: Sequence[Sequence[Call]]
) -> None:
    path = tmp_path_factory.mktemp("sums") / "journal.sqlite"

    async def fill() -> None:
        async with Journal.open(path) as journal, anyio.create_task_group() as group:
            for number, calls in enumerate(requests):
                if any(call.outcome == "ok" for call in calls):
                    group.start_soon(journal.record, bytes([number]), "m", ANSWER, calls)
                else:
                    await journal.record_failure(bytes([number]), calls)

    anyio.run(fill)
    calls = [call for request in requests for call in request]
    whole = overall(path)
    good = [call for call in calls if call.outcome == "ok"]
    assert (whole.requests, whole.wasted) == (len(calls), len(calls) - len(good))
    assert whole.prompt_tokens == sum(call.prompt_tokens or 0 for call in good)
    used = whole.prompt_tokens + whole.completion_tokens + whole.wasted_tokens
    by_model = spent(path)
    assert used == sum(item.tokens for item in by_model)
    assert whole.requests == sum(item.requests for item in by_model)
    kinds: tuple[By, ...] = ("step", "model", "document")
    for by in kinds:
        parts = totals(path, by)
        for column in ("requests", "wasted", "prompt_tokens", "wasted_tokens", "seconds"):
            assert sum(getattr(part, column) for part in parts) == getattr(whole, column)
    assert {part.name for part in totals(path, "step")} == {storable(call.step) for call in calls}


def invoke(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["journal", *map(str, arguments)], env={"COLUMNS": "200"})


def test_the_command_prints_a_line_per_step_and_the_sum(project: Path) -> None:
    result = invoke("-p", project)
    assert result.exit_code == 0
    path, head, *lines = result.stdout.splitlines()
    assert path.endswith("journal.sqlite")
    assert head.split()[:3] == ["step", "requests", "answers"]
    assert [line.split() for line in lines[:3]] == [
        ["qa/ask", "4", "1", "100", "20", "0.25", "4.0"],
        ["qa/judge", "2", "2", "70", "1", "0.50", "0.5"],
        ["all", "6", "3", "170", "21", "0.75", "4.5"],
    ]
    assert [line.partition(":")[0] for line in lines[3:]] == [
        "seconds",
        "not priced",
        "wasted",
        "not counted",
    ]
    assert lines[-1].endswith("$0.38 without them")
    assert max(map(len, lines[:3])) <= 80
    by_model = invoke("-p", project, "--by", "model").stdout.splitlines()
    assert [line.split()[0] for line in by_model[1:5]] == ["model", "big", "judge", "all"]
    assert invoke("-p", project, "--by", "colour").exit_code == 2


def test_what_was_on_its_way_when_a_run_was_killed_is_told(project: Path) -> None:
    assert "begun" not in invoke("-p", project).stdout
    with closing(sqlite3.connect(journal_of(project))) as connection:
        row = (b"\x0e" * 20, 1, "qa/ask", "a.md", "big", None, 900, 0.0)
        connection.execute("INSERT INTO begun VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)
        connection.commit()
    last = invoke("-p", project).stdout.splitlines()[-1]
    assert last.startswith("begun: 1 request without an answer yet")


def test_the_command_shows_one_answer_as_it_is(project: Path) -> None:
    text = invoke("-p", project, "--answer", "0a0a").stdout
    for expected in (
        "0a" * 20,
        "a [red]text[/red]",
        "a thought",
        "100 prompt, 20 completion",
        "429: slow down",
    ):
        assert expected in text
    assert "unknown prompt" in invoke("-p", project, "--answer", "0b0b").stdout


def test_the_command_lists_the_keys_of_answers(project: Path) -> None:
    listed = [line.split() for line in invoke("-p", project, "--by", "answer").stdout.splitlines()]
    assert listed[0][:4] == ["answer", "step", "document", "outcome"]
    assert listed[1:4] == [
        ["0a0a0a0", "qa/ask", "a.md", "ok", "200", "70", "0.2500"],
        ["0b0b0b0", "qa/judge", "b.md", "ok", "70", "1", "0.1250"],
        ["0b0c0b0", "qa/judge", "a.md", "ok", "0", "0", "0.3750"],
    ]
    assert len(listed) == 5
    for row in listed[1:4]:
        assert f"key      {row[0]}" in invoke("-p", project, "--answer", row[0]).stdout
    for wish, keys in {
        ("--document", "b."): ["0b0b0b0"],
        ("--step", "judge", "--document", "a.md"): ["0b0c0b0"],
    }.items():
        lines = invoke("-p", project, "--by", "answer", *wish).stdout.splitlines()
        assert [line.split()[0] for line in lines[1:-1]] == keys
    for unknown in ("ff", "row-1"):
        told = invoke("-p", project, "--answer", unknown).stderr
        assert "all keys: closedbook journal --by answer" in told


@pytest.mark.anyio
async def test_listed_keys_are_as_long_as_tells_them_apart(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite"
    async with Journal.open(path) as journal:
        for last in (b"\x10", b"\x12", b"\x20"):
            await journal.record(b"\x0a" * 19 + last, "m", ANSWER, [PAID])
    keys = [item.key for item in answers(path)]
    assert [len(key) for key in keys] == [40] * 3
    assert [find(path, key).key for key in keys] == keys


@pytest.mark.anyio
async def test_where_nothing_was_asked_nothing_was_spent(tmp_path: Path) -> None:
    async with Journal.open(tmp_path / ".closedbook" / "journal.sqlite"):
        pass
    assert overall(journal_of(tmp_path)).usd == 0
    assert invoke("-p", tmp_path).stdout.splitlines()[2].split()[-2:] == ["0.00", "0.0"]


def test_without_a_journal_the_command_says_so(project: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    for arguments, hint in {
        ("-p", str(tmp_path / "elsewhere")): "closedbook run",
        ("-p", str(project), "--rehearsal"): "no journal yet",
        ("-p", str(project), "--answer", "ff"): "no answer",
    }.items():
        result = invoke(*arguments)
        assert result.exit_code == 2
        (line,) = result.stderr.strip().splitlines()
        assert line.startswith("error: ")
        assert hint in line
    journal_of(project).rename(project / ".closedbook" / "rehearsal.sqlite")
    for option in ([], ["--rehearsal"]):
        result = invoke("-p", project, *option)
        assert result.exit_code == 0
        assert "stand-ins: the teacher is a program of rules" in result.stdout
        assert "rehearsal.sqlite" in result.stdout


@pytest.mark.anyio
async def test_a_project_that_may_only_be_read_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "state"
    path = folder / "journal.sqlite"
    async with Journal.open(path) as journal:
        await journal.record(b"1" * 20, "m", Completion("x"), [Call("s", "d", "ok", 0.1, 3, 4)])
    folder.chmod(0o500)
    monkeypatch.setattr("os.access", lambda *_: False)  # whoever is root may write all the same
    try:
        with closing(read_only(path)) as connection:
            (answers,) = connection.execute("SELECT count(*) FROM answers").fetchone()
            assert [file.name for file in folder.iterdir()] == ["journal.sqlite"]
        assert (answers, overall(path).requests) == (1, 1)
    finally:
        folder.chmod(0o700)


@pytest.mark.anyio
async def test_the_pace_leaves_out_when_nobody_was_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two calls of 4 s that overlap by half, then one of 2 s, an hour later."""
    path = tmp_path / "journal.sqlite"
    async with Journal.open(path) as journal:
        assert pace(path) is None
        for key, at, seconds in ((b"1" * 20, 1004.0, 4.0), (b"2" * 20, 1006.0, 4.0)):
            monkeypatch.setattr("time.time", lambda at=at: at)
            await journal.record(key, "m", Completion("x"), [Call("s", "d", "ok", seconds, 3, 4)])
        monkeypatch.setattr("time.time", lambda: 4606.0)
        await journal.record_failure(b"3" * 20, [Call("s", "d", "500", 2.0)])
    assert pace(path) == Pace(each=5.0, apart=4.0)


@pytest.mark.anyio
async def test_a_damaged_journal_is_salvaged_by_the_command(tmp_path: Path) -> None:
    path = tmp_path / ".closedbook" / "journal.sqlite"
    async with Journal.open(path) as journal:
        for key in (b"1" * 20, b"2" * 20):
            await journal.record(key, "m", Completion("x"), [Call("s", "d", "ok", 0.1, 3, 4)])
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE answers SET response = x'00' WHERE key = ?", (b"1" * 20,))
        connection.commit()
    told = await anyio.to_thread.run_sync(
        CliRunner().invoke, app, ["journal", "--salvage", "-p", str(tmp_path)]
    )
    assert "kept 1 answer and 2 calls" in told.output
    assert "journal-damaged-1.sqlite" in told.output
    assert overall(path).requests == 2
