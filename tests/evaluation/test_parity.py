"""Our log-likelihoods against lm-evaluation-harness: the same choice on every single question."""

from __future__ import annotations

import importlib
import importlib.util
import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from closedbook.config import Evaluate
from closedbook.errors import InputError
from closedbook.evaluation import Exam, LocalExaminee, answer_exams
from closedbook.evaluation.conditions import Library
from closedbook.evaluation.exporting import export_exam
from closedbook.events import silent
from closedbook.records import Question, Response
from closedbook.store import read_rows
from closedbook.students import REHEARSAL_STUDENT, RETENTION


def questions() -> list[Question]:
    """Enough to differ in every way: of some, options tie or one begins another."""
    known = list(read_rows(RETENTION, Question))[:56]
    odd = [
        ("Which?", ("a", "a b", "a b c", "b"), 1),
        ("Who led it?", ("Anna Lom", "Anna Lom of the North", "Bea", "C"), 0),
        ("When?", ("1901", "1 901", " 1901 ", "1902"), 3),
        ("", ("yes", "no"), 0),
    ]
    return known + [
        Question(document="", question=text, options=options, answer=answer)
        for text, options, answer in odd
    ]


def ours(asked: list[Question], folder: Path, answering: str) -> list[Response]:
    settings = Evaluate.model_validate({"answering": answering, "answer_tokens": 1})
    examinee = LocalExaminee.load(REHEARSAL_STUDENT, settings)
    exam = Exam("own", tuple(asked), ("closed_book",))
    answer_exams([exam], "base", examinee, Library({}), settings, folder, silent)
    return list(read_rows(folder / "responses.jsonl", Response))


def theirs(task: Path) -> list[dict[str, Any]]:
    """The harness's samples, in the exam's order. Its warnings are its own."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        harness, hugging_face, tasks = (
            importlib.import_module(f"lm_eval{name}")
            for name in ("", ".models.huggingface", ".tasks")
        )
        model = hugging_face.HFLM(
            pretrained=REHEARSAL_STUDENT.where, device="cpu", dtype="float32", batch_size=16
        )
        results = harness.simple_evaluate(
            model=model,
            tasks=["own"],
            task_manager=tasks.TaskManager(include_path=str(task.parent), include_defaults=False),
            apply_chat_template=True,
            log_samples=True,
            bootstrap_iters=0,
        )
    samples: list[dict[str, Any]] = results["samples"]["own"]
    return sorted(samples, key=lambda sample: sample["doc_id"])


@pytest.mark.slow
@pytest.mark.skipif(not importlib.util.find_spec("lm_eval"), reason="lm-eval is not installed")
def test_the_same_choice_as_the_harness_on_every_question(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("HF_DATASETS_OFFLINE", "1")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    asked = questions()
    task, count = export_exam("own", asked, tmp_path / "task")
    samples = theirs(task)
    text = ours(asked, tmp_path / "text", "text")
    by_character = ours(asked, tmp_path / "normalised", "text_normalised")
    assert len(samples) == count == len(text)
    for sample, plain, normalised in zip(samples, text, by_character, strict=True):
        scores = [float(pair[0]) for pair in sample["filtered_resps"]]
        assert plain.scores == pytest.approx(scores, abs=2e-4), plain.question
        assert plain.correct == bool(sample["acc"]), plain.question
        assert normalised.correct == bool(sample["acc_norm"]), normalised.question
    assert 0 < sum(response.correct for response in text) < count
    assert any(a.chosen != b.chosen for a, b in zip(text, by_character, strict=True))


def test_short_answers_have_nothing_to_export(tmp_path: Path) -> None:
    short = Question(document="", question="Who?", accepted=("Ada",))
    one = replace(questions()[0])
    assert export_exam("own", [short, one], tmp_path)[1] == 1
    with pytest.raises(InputError, match="no multiple-choice question"):
        export_exam("own", [short], tmp_path)
