"""Stages: done once, done again for a reason, completed after a crash."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from closedbook.events import Counts, Emit, Event, StageCurrent, StageStarted, silent
from closedbook.store import Stage, bring_up_to_date, read_manifest, why_stale


class Copying:
    """A stage that copies its input and can be told to fail half-way."""

    def __init__(self, source: Path, *, version: int = 1, setting: object = 1) -> None:
        self.calls = 0
        self.fails = False
        self.stage = Stage("copy", version, {"a": {"b": setting}}, {"text": source}, self.make)
        self._source = source

    def make(self, out: Path, emit: Emit) -> Counts:
        self.calls += 1
        (out / "half.txt").write_text("half")
        if self.fails:
            raise KeyboardInterrupt
        (out / "copy.txt").write_text(self._source.read_text())
        return {"files": 1}


@pytest.fixture
def source(tmp_path: Path) -> Path:
    file = tmp_path / "text.txt"
    file.write_text("hello")
    return file


def test_a_stage_is_done_once(source: Path, tmp_path: Path) -> None:
    copying, out, events = Copying(source), tmp_path / "out", list[Event]()
    first = bring_up_to_date(copying.stage, out, events.append)
    second = bring_up_to_date(copying.stage, out, events.append)
    assert (copying.calls, first) == (1, second)
    assert first.counts == {"files": 1}
    assert isinstance(events[0], StageStarted)
    assert isinstance(events[-1], StageCurrent)


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"version": 2}, "stage version 1 -> 2"),
        ({"setting": 2}, "changed setting: a.b"),
    ],
)
def test_a_change_is_named(source: Path, tmp_path: Path, changed: dict[str, int], why: str) -> None:
    bring_up_to_date(Copying(source).stage, tmp_path / "out", silent)
    other = Copying(source, **changed)
    assert why_stale(other.stage, tmp_path / "out") == why
    bring_up_to_date(other.stage, tmp_path / "out", silent)
    assert other.calls == 1
    assert not why_stale(other.stage, tmp_path / "out")


def test_of_many_changes_a_few_are_named(tmp_path: Path) -> None:
    files = {f"file {n}": tmp_path / f"{n}.txt" for n in range(5)}
    for file in files.values():
        file.write_text("first")
    stage = Stage("copying", 1, {}, files, lambda _folder, _emit: {})
    bring_up_to_date(stage, tmp_path / "out", silent)
    for file in files.values():
        file.write_text("other")
    why = why_stale(stage, tmp_path / "out")
    assert why == "changed input: file 0, file 1, file 2 and 2 more"


def test_a_changed_input_and_an_edited_output_are_noticed(source: Path, tmp_path: Path) -> None:
    copying, out = Copying(source), tmp_path / "out"
    bring_up_to_date(copying.stage, out, silent)
    (out / "copy.txt").write_text("edited")
    assert why_stale(copying.stage, out) == "edited or missing output: copy.txt"
    source.write_text("other")
    assert why_stale(copying.stage, out).startswith("changed input: text")
    bring_up_to_date(copying.stage, out, silent)
    assert (out / "copy.txt").read_text() == "other"


def test_an_interrupted_stage_has_no_manifest_and_is_completed(
    source: Path, tmp_path: Path
) -> None:
    copying, out = Copying(source), tmp_path / "out"
    copying.fails = True
    with pytest.raises(KeyboardInterrupt):
        bring_up_to_date(copying.stage, out, silent)
    assert read_manifest(out) is None
    assert why_stale(copying.stage, out) == "begun, not finished"
    copying.fails = False
    bring_up_to_date(copying.stage, out, silent)
    assert not why_stale(copying.stage, out)


def test_what_is_asked_again_stays_until_that_succeeds(source: Path, tmp_path: Path) -> None:
    out, missing, fails = tmp_path / "out", [2], [False]

    def make(folder: Path, emit: Emit) -> Counts:
        (folder / "rows.txt").write_text(f"all but {missing[0]}")
        if fails[0]:
            raise KeyboardInterrupt
        return {"to_retry": missing[0]}

    stage = Stage("asking", 1, None, {"text": source}, make)
    first = bring_up_to_date(stage, out, silent)
    fails[0], missing[0] = True, 1
    with pytest.raises(KeyboardInterrupt):
        bring_up_to_date(stage, out, silent, retry=True)
    assert read_manifest(out) == first
    assert (out / "rows.txt").read_text() == "all but 2"
    fails[0] = False
    assert bring_up_to_date(stage, out, silent, retry=True).to_retry == 1
    assert (out / "rows.txt").read_text() == "all but 1"
    assert not why_stale(stage, out)
    assert [item.name for item in tmp_path.iterdir() if item.is_dir()] == ["out"]


def test_a_killed_attempt_is_kept_only_for_the_same_work(source: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"

    def attempt(copying: Copying) -> bool:
        copying.fails = True
        kept = out / "checkpoint.bin"
        seen = []
        original = copying.make

        def make(folder: Path, emit: Emit) -> Counts:
            seen.append(kept.exists())
            kept.write_text("x")
            return original(folder, emit)

        stage = Stage("copy", 1, copying.stage.settings, copying.stage.inputs, make)
        with pytest.raises(KeyboardInterrupt):
            bring_up_to_date(stage, out, silent)
        return seen[0]

    assert not attempt(Copying(source))
    assert attempt(Copying(source))
    assert not attempt(Copying(source, setting=9))


def test_a_stage_inside_anothers_folder_is_left_alone(source: Path, tmp_path: Path) -> None:
    outer, inner = Copying(source), Copying(source)
    bring_up_to_date(inner.stage, tmp_path / "out" / "arm", silent)
    bring_up_to_date(outer.stage, tmp_path / "out", silent)
    source.write_text("again")
    bring_up_to_date(outer.stage, tmp_path / "out", silent)
    assert (tmp_path / "out" / "arm" / "copy.txt").read_text() == "hello"
    manifest = read_manifest(tmp_path / "out")
    assert manifest is not None
    assert list(manifest.outputs) == ["copy.txt", "half.txt"]


def test_a_file_beside_the_folder_counts_as_output(source: Path, tmp_path: Path) -> None:
    def make(out: Path, emit: Emit) -> Counts:
        (out.parent / "page.html").write_text("page")
        return {}

    stage = Stage("page", 1, None, {}, make, beside=("../page.html",))
    bring_up_to_date(stage, tmp_path / "page", silent)
    (tmp_path / "page.html").unlink()
    assert "page.html" in why_stale(stage, tmp_path / "page")


def test_files_are_for_their_owner_only(source: Path, tmp_path: Path) -> None:
    bring_up_to_date(Copying(source).stage, tmp_path / "out", silent)
    mode = (tmp_path / "out" / "manifest.json").stat().st_mode
    assert stat.S_IMODE(mode) == 0o600
    assert stat.S_IMODE((tmp_path / "out").stat().st_mode) == 0o700
