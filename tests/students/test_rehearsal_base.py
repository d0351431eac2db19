"""The shipped base: it knows its old facts, can read, and knows nothing of a fresh world.

These are the checks a rebuilt base must pass.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
import torch

from closedbook.records import Question, TrainingRow
from closedbook.rehearsal import make_world
from closedbook.store.rows import read_rows
from closedbook.students import REHEARSAL_STUDENT, REPLAY, RETENTION, ask_messages
from closedbook.students.answering import score_options
from closedbook.students.encode import encode
from closedbook.students.student import Student, load_student

WORLD = make_world(20_000)
ARTICLES = {entity.name: entity.article for entity in WORLD.entities}


@pytest.fixture(scope="module")
def student() -> Iterator[Student]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield load_student(REHEARSAL_STUDENT)
    torch.set_num_threads(before)


def accuracy(
    student: Student,
    exam: Sequence[Question],
    passages: Callable[[Question], Sequence[str]] = lambda _: (),
) -> float:
    prompts = [ask_messages(q.question, passages(q)) for q in exam]
    scored = score_options(student, prompts, [q.options for q in exam])
    chosen = [max(range(len(s)), key=s.__getitem__) for s in scored]
    return sum(q.answer == c for q, c in zip(exam, chosen, strict=True)) / len(exam)


def test_it_is_a_small_file() -> None:
    weights = Path(REHEARSAL_STUDENT.where) / "model.safetensors"
    assert 2e6 <= weights.stat().st_size <= 4e6


@pytest.mark.slow
def test_it_knows_nothing_of_a_fresh_world(student: Student) -> None:
    assert accuracy(student, WORLD.exam) == pytest.approx(0.25, abs=0.07)


@pytest.mark.slow
def test_it_knows_its_old_facts_in_wording_it_never_saw(student: Student) -> None:
    assert accuracy(student, list(read_rows(RETENTION, Question))) >= 0.95


@pytest.mark.slow
def test_it_reads_what_it_is_shown(student: Student) -> None:
    assert accuracy(student, WORLD.exam, lambda q: [ARTICLES[q.document]]) >= 0.9


@pytest.mark.slow
def test_its_replay_can_be_trained_on(student: Student) -> None:
    rows = list(read_rows(REPLAY, TrainingRow))
    assert len(rows) >= 1000
    assert {row.document_id for row in rows} == {""}
    for row in rows:
        assert encode(student.tokenizer, row, 512).loss_tokens > 1
