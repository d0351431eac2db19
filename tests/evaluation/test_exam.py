"""An exam file is read strictly, and what is wrong with it is said with file and line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from closedbook.errors import InputError
from closedbook.evaluation import exam_problems, load_exam
from closedbook.store import write_rows

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
        ({"options": ["Lom", "", "Tol"]}, "'options'", "one line is"),
        ({"options": []}, "neither options nor an answer in words", "short answer"),
        ({"question": " "}, "'question'", "one line is"),
        ({"anwser": 1}, "unknown key 'anwser'", "did you mean 'answer'"),
        ({"points": 1}, "unknown key 'points'", "known here: "),
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


def test_more_options_than_there_are_letters_are_refused(tmp_path: Path) -> None:
    numbers = [str(number) for number in range(17)]
    line = {"question": "How many?", "options": numbers[:16], "answer": 0}
    assert len(load_exam(exam(tmp_path, line))[0].options) == 16
    with pytest.raises(InputError, match=r"exam\.jsonl:1: 'options': .*at most 16"):
        load_exam(exam(tmp_path, {**line, "options": numbers}))


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


def test_a_short_question_has_a_text_or_several_that_are_right(tmp_path: Path) -> None:
    one = {"question": "Who founded it?", "answer": "Ada Lom", "hard": True, "split": "choose"}
    many = {"question": "When?", "accepted": ["1712", "seventeen twelve"]}
    first, second = load_exam(exam(tmp_path, one, many))
    assert (first.options, first.accepted, first.right) == ((), ("Ada Lom",), "Ada Lom")
    assert (first.hard, first.split) == (True, "choose")
    assert second.accepted == ("1712", "seventeen twelve")


def test_an_id_given_twice_names_both_lines(tmp_path: Path) -> None:
    other = {**GOOD, "question": "When?", "id": "q1"}
    with pytest.raises(InputError, match=r"exam\.jsonl:2: the id 'q1' of line 1 again"):
        load_exam(exam(tmp_path, {**GOOD, "id": "q1"}, other))


def test_an_id_is_kept_and_a_changed_question_still_counts_as_another(tmp_path: Path) -> None:
    (first,) = load_exam(exam(tmp_path, {**GOOD, "id": "q1"}))
    (other,) = load_exam(exam(tmp_path, {**GOOD, "id": "q1", "answer": 1}))
    (unnamed,) = load_exam(exam(tmp_path, GOOD))
    assert first.id == other.id == "q1"
    assert first.content == unnamed.id != other.content


def test_every_wrong_line_is_told(tmp_path: Path) -> None:
    wrong = {**GOOD, "question": "", "points": 3}
    told = [str(p) for p in exam_problems(exam(tmp_path, GOOD, wrong, "{", GOOD))]
    places = [(":2: 'question'"), (":2: unknown key 'points'"), (":3: not JSON")]
    assert all(place in line for place, line in zip(places, told, strict=False)), told
    assert ":4: the question of line 1 again" in told[3]


def test_what_the_stage_wrote_can_be_an_exam(tmp_path: Path) -> None:
    questions = load_exam(exam(tmp_path, GOOD, {"question": "Who?", "answer": "Ada"}))
    write_rows(tmp_path / "again.jsonl", questions)
    assert load_exam(tmp_path / "again.jsonl") == questions


def test_a_table_holds_options_by_letter_and_short_answers(tmp_path: Path) -> None:
    file = tmp_path / "exam.csv"
    file.write_text(
        "document,Question,A,B,C,answer,hard\n"
        'Ada,"Where, then?",Lom,Rin,,b,yes\n'
        "Ada,Which?,1,2,3,2,no\n"
        "Bea,Who?,,,,Ada Lom,\n",
        encoding="utf-8-sig",
    )
    first, second, third = load_exam(file)
    assert (first.question, first.options, first.answer) == ("Where, then?", ("Lom", "Rin"), 1)
    assert (first.hard, second.hard, third.hard) == (True, False, None)
    assert second.right == "2"
    assert (third.document, third.accepted) == ("Bea", ("Ada Lom",))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("question,A,B\nWhich?,1,2\n", r"csv:1: no question and answer"),
        ("question,A,B,answer\nWhich?,1,,B\n", r"csv:2: 'options'"),
        ("question,A,B,C,answer\nWhich?,1,,3,C\n", r"csv:2: 'options'"),
        ("question,A,B,answer\nWhich?,1,2,Z\n", r"csv:2: the answer 'Z' is none"),
        ("question,A,B,C,answer\nWhich?,1,2,3,D\n", r"csv:2: the answer 'D' .*the letter of its"),
        ("question,A,B,answer\nWhich?,1,2,0\n", r"csv:2: the answer '0' .*or the letter of its"),
        ("question,A,B,answer\nWhich?,1,2,\n", r"csv:2: no 'answer' \(columns: question, ans"),
        ("question,A,B,answer\n,1,2,A\n", r"csv:2: no 'question' \(columns: question, answer"),
        ("question,option1,answer\nWho?,x,x\n", r"csv:1: unknown column 'option1' .* as A, B, C"),
        ("question;A;B;answer\nWhich?;1;2;A\n", r"csv:1: cells are parted by semicolons"),
        ("question,answer\n", r"csv: no questions in it \(columns: question, answer"),
        ("question,A,B,answer\nWhich?,1,2\n", r"csv:2: not as many cells"),
        ("question,A,B,answer,hard\nWhich?,1,2,A,maybe\n", r"csv:2: hard is 'maybe'"),
        (f'question,answer\nWho?,1\n"Which?,1\n{"x" * 140_000}', r"csv:3: not CSV: field larger"),
        (f'"question,answer\n{"x" * 140_000}', r"csv:1: not CSV: field larger"),
    ],
)
def test_a_wrong_row_of_a_table_is_named(tmp_path: Path, text: str, problem: str) -> None:
    (tmp_path / "exam.csv").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=problem):
        load_exam(tmp_path / "exam.csv")
