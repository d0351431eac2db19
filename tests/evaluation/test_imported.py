"""Answers of another system, from a file: matched, graded, and what does not match is counted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from closedbook.config import Evaluate
from closedbook.errors import InputError
from closedbook.evaluation import Exam, ImportedExaminee, answer_exams
from closedbook.evaluation.conditions import Library
from closedbook.events import silent
from closedbook.records import Question, Response
from closedbook.store import read_rows

QUESTIONS = tuple(
    Question(document=f"D{n}", question=f"Which {n}?", options=("ax", "bx", "cx"), answer=1)
    for n in range(5)
)


def sit(folder: Path, *lines: dict[str, Any]) -> tuple[list[Response], dict[str, Any], int]:
    file = folder / "answers.jsonl"
    file.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    examinee = ImportedExaminee.load(file)
    exam = Exam("own", QUESTIONS, ("closed_book", "rag"))
    counts = answer_exams([exam], "theirs", examinee, Library({}), Evaluate(), folder, silent)
    responses = list(read_rows(folder / "responses.jsonl", Response))
    return responses, dict(counts), examinee.unused


def test_answers_are_matched_by_id_or_wording_and_condition(tmp_path: Path) -> None:
    responses, counts, unused = sit(
        tmp_path,
        {"id": QUESTIONS[0].id, "text": "I think so.\nAnswer: B"},
        {"question": "which  1?", "document": "D1", "answer": "bx", "condition": "rag"},
        {"question": "Which 1?", "document": "D1", "answer": 0, "condition": "closed_book"},
        {"question": "Which 2?", "answer": "B"},
        {"question": "Which 3?", "answer": 7},
        {"question": "Which 99?", "answer": 1},
    )
    right = {(r.question[-2], r.condition): r.correct for r in responses if not r.failed}
    assert right == {
        ("0", "closed_book"): True, ("0", "rag"): True,
        ("1", "closed_book"): False, ("1", "rag"): True,
        ("2", "closed_book"): True, ("2", "rag"): True,
        ("3", "closed_book"): False, ("3", "rag"): False,
    }  # fmt: skip
    assert (counts["failed"], counts["unparsed"], unused) == (2, 2, 1)
    assert {r.failed for r in responses if r.question == "Which 4?"} == {"no answer in the file"}


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ({"question": "Which 1?"}, "text or answer"),
        ({"text": "B"}, "id or question"),
        ({"question": "Which 1?", "txt": "B"}, "unknown key 'txt' (did you mean 'text'?)"),
        ({"question": "Which 1?", "text": "B", "condition": "open"}, "condition"),
    ],
)
def test_a_wrong_line_is_named(tmp_path: Path, line: dict[str, Any], problem: str) -> None:
    with pytest.raises(InputError, match=r"answers\.jsonl:1") as caught:
        sit(tmp_path, line)
    assert problem in str(caught.value)


def test_a_byte_order_mark_is_no_mistake(tmp_path: Path) -> None:
    file = tmp_path / "answers.jsonl"
    line = json.dumps({"id": QUESTIONS[0].id, "text": "Answer: B"})
    file.write_text(f"{line}\n", encoding="utf-8-sig")
    assert len(ImportedExaminee.load(file).answers) == 1


def test_an_answer_given_twice_is_refused(tmp_path: Path) -> None:
    line = {"question": "Which 1?", "text": "B"}
    with pytest.raises(InputError, match=r"answers\.jsonl:2: answered before"):
        sit(tmp_path, line, line)
