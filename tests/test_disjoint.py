"""The exam is held out: its questions, their templates and its option lists occur in no text that
any student is trained on, whether of the mixture, the replay or the base's pretraining."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from closedbook import Project
from closedbook.evaluation import load_exam
from closedbook.records import Question, TrainingRow
from closedbook.rehearsal import make_world, write_world
from closedbook.rehearsal.wording import FRAMES, WORDINGS
from closedbook.store import read_rows
from closedbook.students import REPLAY, RETENTION, UNREPLAYED
from pretraining_rows import fresh_rows, known_rows, lessons

ROOT = Path(__file__).parents[1]
QUICKSTART = ROOT / "examples" / "quickstart"

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


def plain(text: str) -> str:
    """Words only, so that punctuation and case hide nothing."""
    words = re.findall(r"[^\W_]+", text.lower())
    return f" {' '.join(words)} "


def templates() -> set[str]:
    """Every wording of the exam with the name left open, as a pattern over plain text."""
    wordings = [w for item in WORDINGS.values() for w in (*item.clauses, *item.nouns)]
    frames = [frame.format(n="{n}", entry=w.entry) for frame in FRAMES for w in WORDINGS.values()]
    found = set()
    for wording in (*wordings, *frames):
        parts = [plain(part).strip() for part in wording.split("{n}")]
        assert sum(len(part.split()) for part in parts) >= 2, wording
        found.add(r" (?:\w+ ){1,6}".join(re.escape(part) for part in parts).strip())
    return found


def texts(rows: Iterable[TrainingRow]) -> Iterator[str]:
    """Each turn, and each whole row, so that nothing hides across turns."""
    for row in rows:
        yield from (plain(message.content) for message in row.messages)
        yield plain(" ".join(message.content for message in row.messages))


def assert_held_out(exam: Iterable[Question], rows: Iterable[TrainingRow]) -> None:
    trained = "\n".join(dict.fromkeys(texts(rows)))
    assert trained
    for question in exam:
        assert plain(question.question) not in trained
        for shift in range(4):
            options = question.options[shift:] + question.options[:shift]
            assert plain(" ".join(options)) not in trained
    # A name is one to six words, so a whole line need not be searched from every word.
    for template in templates():
        assert not re.search(rf"^.* {template} .*$", trained, re.MULTILINE), template


def sample_of_pretraining() -> list[TrainingRow]:
    generator = random.Random(0)
    fresh = [row for done in (0.0, 0.3, 1.0) for row in fresh_rows(1, generator, done)]
    return [*fresh, *known_rows(lessons("base/known/0"), generator)]


def mixed_rows(project: Path, arms: Iterable[str]) -> Iterator[TrainingRow]:
    for arm in arms:
        yield from read_rows(project / "out" / "mix" / arm / "rows.jsonl", TrainingRow)


@pytest.mark.parametrize("seed", [11, 12])
def test_no_training_row_holds_anything_of_the_exam(tmp_path: Path, seed: int) -> None:
    write_world(make_world(seed), tmp_path)
    settings = (QUICKSTART / "closedbook.yaml").read_text()
    (tmp_path / "closedbook.yaml").write_text(settings)
    project = Project.open(tmp_path)
    project.run(until="mix")
    assert_held_out(load_exam(tmp_path / "exam.jsonl"), mixed_rows(tmp_path, project.config.arms))


def test_the_quickstart_is_the_world_of_its_seed(tmp_path: Path) -> None:
    write_world(make_world(2026), tmp_path)
    for file in ("exam.jsonl", *(f"documents/{f.name}" for f in tmp_path.glob("documents/*"))):
        assert (QUICKSTART / file).read_bytes() == (tmp_path / file).read_bytes()


def test_replay_and_pretraining_hold_nothing_of_an_exam() -> None:
    exam = [*make_world(11).exam, *read_rows(RETENTION, Question), *read_rows(UNREPLAYED, Question)]
    assert_held_out(exam, read_rows(REPLAY, TrainingRow))
    assert_held_out(exam, sample_of_pretraining())


def test_only_the_unreplayed_exam_asks_for_what_no_replay_row_tells() -> None:
    replay = "\n".join(texts(read_rows(REPLAY, TrainingRow)))
    for question in read_rows(UNREPLAYED, Question):
        assert plain(question.document) not in replay
    for question in read_rows(RETENTION, Question):
        assert plain(question.document) in replay
