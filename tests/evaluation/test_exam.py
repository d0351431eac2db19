"""An exam file is read strictly, and what is wrong with it is said with file and line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from closedbook.errors import InputError
from closedbook.evaluation import copy_exam, load_exam
from closedbook.events import Event
from closedbook.records import Question
from closedbook.store import read_rows

GOOD: dict[str, Any] = {
    "document": "Ada",
    "question": "Where was Ada born?",
    "options": ["Lom", "Rin", "Tol", "Vas"],
    "answer": 2,
}


def exam(tmp_path: Path, *lines: dict[str, Any] | str) -> Path:
    file = tmp_path / "exam.jsonl"
    texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    file.write_text("\n".join(texts) + "\n", encoding="utf-8")
    return file


def test_questions_come_in_order_with_the_answer_as_place_or_text(tmp_path: Path) -> None:
    other = {"question": "And who \u2028 founded it?", "options": ["A", "B"], "answer": "B"}
    first, second = load_exam(exam(tmp_path, GOOD, "", other))
    assert (first.document, first.options[first.answer]) == ("Ada", "Tol")
    assert (second.document, second.answer) == ("", 1)


@pytest.mark.parametrize(
    ("changes", "problem", "hint"),
    [
        ({"answer": 4}, "answer 4 with 4 options", "0 to 3"),
        ({"answer": -1}, "answer -1", "counted from 0"),
        ({"answer": "Zed"}, "'Zed' is none of the options", "exactly"),
        ({"answer": True}, "'answer'", "one line is"),
        ({"options": ["Lom"]}, "'options'", "one line is"),
        ({"options": ["Lom", " lom "], "answer": 0}, "twice", "differ"),
        ({"options": "Lom"}, "'options'", "one line is"),
        ({"question": " "}, "'question'", "one line is"),
        ({"anwser": 1}, "unknown key 'anwser'", "did you mean 'answer'"),
        ({"points": 1}, "unknown key 'points'", "keys are"),
    ],
)
def test_a_wrong_line_is_named_with_what_to_do(
    tmp_path: Path, changes: dict[str, Any], problem: str, hint: str
) -> None:
    file = exam(tmp_path, GOOD, {**GOOD, "question": "Which?", **changes})
    with pytest.raises(InputError) as caught:
        load_exam(file)
    assert caught.value.message.startswith(f"{file}:2: ")
    assert problem in caught.value.message
    assert hint in caught.value.hint


def test_a_missing_key_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"exam\.jsonl:1: no 'answer'"):
        load_exam(exam(tmp_path, {"question": "Which?", "options": ["a", "b"]}))


@pytest.mark.parametrize("line", ["{", "[1, 2]", "7"])
def test_a_line_that_is_no_object_is_refused(tmp_path: Path, line: str) -> None:
    with pytest.raises(InputError, match=r"exam\.jsonl:1: not"):
        load_exam(exam(tmp_path, line))


def test_a_question_asked_twice_names_both_lines(tmp_path: Path) -> None:
    again = {**GOOD, "question": "where was  Ada born?"}
    with pytest.raises(InputError, match=r"exam\.jsonl:3: the question of line 1 again"):
        load_exam(exam(tmp_path, GOOD, {**GOOD, "question": "When?"}, again))


def test_the_same_question_about_two_documents_is_two_questions(tmp_path: Path) -> None:
    assert len(load_exam(exam(tmp_path, GOOD, {**GOOD, "document": "Bea"}))) == 2


def test_an_empty_or_missing_or_foreign_file_is_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no questions"):
        load_exam(exam(tmp_path, ""))
    with pytest.raises(InputError, match="no such exam"):
        load_exam(tmp_path / "nothing.jsonl")
    (tmp_path / "latin.jsonl").write_bytes(json.dumps(GOOD).encode() + b"\n\xe9")
    with pytest.raises(InputError, match=r"latin\.jsonl:2: not UTF-8"):
        load_exam(tmp_path / "latin.jsonl")


def test_the_stage_leaves_question_records_and_tells_of_missing_documents(tmp_path: Path) -> None:
    told: list[Event] = []
    bare = {key: value for key, value in GOOD.items() if key != "document"}
    counts = copy_exam(exam(tmp_path, GOOD, bare), tmp_path / "out", told.append)
    questions = list(read_rows(tmp_path / "out" / "exam.jsonl", Question))
    assert counts == {"questions": 2, "documents": 1}
    assert [question.document for question in questions] == ["Ada", ""]
    assert "1 questions name no document" in str(told)
