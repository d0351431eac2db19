"""A real student, small and untaught, as an examinee: what it takes, refuses and gives back."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from closedbook.config import Evaluate
from closedbook.errors import EvaluationError
from closedbook.evaluation import LocalExaminee, local
from closedbook.evaluation.asking import Ask, Prompt, Said
from closedbook.models.profiles import load_profile, training_template
from closedbook.records import Question
from closedbook.store.said import SaidBefore
from closedbook.students import REHEARSAL_STUDENT, answering, ask_messages
from closedbook.students.answering import Written
from closedbook.students.student import Student

OPTIONS = ("Quarrenhold", "the Listrava Institute", "1921", "b")


SETTINGS = Evaluate(answering="turn", answer_tokens=5, written_tokens=5)


@pytest.fixture(scope="module")
def examinee() -> LocalExaminee:
    return LocalExaminee.load(REHEARSAL_STUDENT, SETTINGS)


def asks(*texts: str, options: tuple[str, ...] = OPTIONS) -> list[Ask]:
    question = Question(document="", question="Which?", options=OPTIONS, answer=0)
    return [
        Ask(number, "own", "closed_book", Prompt(question, ask_messages(text), options))
        for number, text in enumerate(texts)
    ]


def said(examinee: LocalExaminee, asked: list[Ask]) -> list[Said]:
    found: dict[int, Said] = {}
    examinee.answer(iter(asked), lambda ask, item: found.update({ask.number: item}))
    return [found[ask.number] for ask in asked]


def changed(examinee: LocalExaminee, **changes: Any) -> LocalExaminee:
    return replace(examinee, settings=SETTINGS.model_copy(update=changes))


def test_a_question_is_taken_scored_and_answered(examinee: LocalExaminee) -> None:
    prompts = [ask_messages("Where was Ada born?"), ask_messages("When?", ["A passage."])]
    assert [examinee.refusal(prompt, OPTIONS) for prompt in prompts] == ["", ""]
    first, second = said(examinee, asks("Where was Ada born?", "When?"))
    assert [len(item.scores) for item in (first, second)] == [4, 4]
    assert all(value < 0 for value in first.scores)
    assert len(examinee.write(prompts)) == 2


def test_how_an_option_is_taken_has_to_be_said(examinee: LocalExaminee) -> None:
    """The default depends on the kind of student, which only a config knows."""
    with pytest.raises(ValueError, match="answering is None"):
        said(changed(examinee, answering=None), asks("Where was Ada born?"))


@pytest.mark.parametrize("way", ["text", "text_normalised", "letter"])
def test_options_are_scored_in_other_ways(examinee: LocalExaminee, way: str) -> None:
    (item,) = said(changed(examinee, answering=way), asks("Where was Ada born?"))
    assert len(item.scores) == 4
    (turn,) = said(examinee, asks("Where was Ada born?"))
    assert item.scores != turn.scores


def test_an_answer_is_written_and_a_cut_one_is_forced_to_a_letter(examinee: LocalExaminee) -> None:
    (item,) = said(
        changed(examinee, answering="generate", written_tokens=2), asks("Where was Ada born?")
    )
    assert (item.scores, item.completion_tokens) == ((), 2)
    assert item.truncated
    assert item.letter in ("A", "B", "C", "D")


def test_what_was_said_is_not_asked_again_unless_the_weights_changed(
    examinee: LocalExaminee, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = SaidBefore(tmp_path / "said.sqlite")
    first = replace(examinee, before=before, identity="one")
    three = said(first, asks("A?", "B?", "C?"))
    asked: list[int] = []
    real = answering.score_options

    def counted(student: Student, prompts: Any, options: Any) -> list[tuple[float, ...]]:
        asked.append(len(prompts))
        return real(student, prompts, options)

    monkeypatch.setattr(local, "score_options", counted)
    assert said(first, asks("A?", "B?", "C?")) == three
    assert sum(asked) == 0
    said(first, asks("A?", "B?", "D?"))
    assert sum(asked) == 1
    said(replace(first, identity="two"), asks("A?", "B?", "C?"))
    assert sum(asked) == 4


def test_a_diverged_student_stops_the_run_with_a_hint(
    examinee: LocalExaminee, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local, "score_options", lambda *_: [(math.nan,) * 4])
    with pytest.raises(EvaluationError, match="not a number") as caught:
        said(examinee, asks("A?"))
    assert "learning_rate" in caught.value.hint


def test_the_context_must_hold_prompt_and_answer(examinee: LocalExaminee) -> None:
    def refusal(words: int, tokens: int) -> str:
        student = changed(examinee, answer_tokens=tokens)
        return student.refusal(ask_messages("word " * words), OPTIONS)

    assert refusal(20, 5) == ""
    assert refusal(5000, 5) == "too long"
    assert refusal(20, 5000) == "too long"


def test_a_long_option_counts_too(examinee: LocalExaminee) -> None:
    assert examinee.refusal(ask_messages("Which?"), ("word " * 5000, "b")) == "too long"


def test_special_tokens_in_a_passage_are_refused_with_the_reason(examinee: LocalExaminee) -> None:
    special = examinee.student.tokenizer.all_special_tokens[0]
    prompt = ask_messages("Which?", [f"Some {special} text."])
    assert examinee.refusal(prompt, OPTIONS) == "special token in text"


def test_a_question_about_thinking_switches_the_template(
    examinee: LocalExaminee, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the profile and the training template of a family that can do both."""
    qwen = load_profile("qwen3", Path())
    student = replace(examinee, profile=qwen)
    monkeypatch.setattr(student.student.tokenizer, "chat_template", training_template(qwen, Path()))
    prompts: list[str] = []
    spoken = iter(["<think>\nSo.\n</think>\n\nYes.", "Yes."])

    def ids_of(_student: Student, text: str) -> list[int]:
        prompts.append(text)
        return [1]

    def written(_student: Student, ids: Any, *_: Any, **__: Any) -> list[Written]:
        return [Written(next(spoken), 1, finished=True) for _ in ids]

    monkeypatch.setattr(local, "text_ids", ids_of)
    monkeypatch.setattr(local, "write", written)
    asked = [
        Ask(
            number,
            "general",
            "closed_book",
            Prompt(
                Question(document="", question="Is it?", accepted=(), thinking=wanted),
                ask_messages("Is it?"),
            ),
        )
        for number, wanted in enumerate((True, False))
    ]
    thought, at_once = said(student, asked)
    assert [text.endswith("<think>\n\n</think>\n\n") for text in prompts] == [False, True]
    assert (thought.reasoning, thought.text) == ("So.", "Yes.")
    assert (at_once.reasoning, at_once.text) == ("", "Yes.")


def test_a_person_gets_an_answer_though_none_is_written_beside_scores(
    examinee: LocalExaminee,
) -> None:
    silent = changed(examinee, answer_tokens=0)
    assert [item.text for item in said(silent, asks("Where was Ada born?"))] == [""]
    assert len(silent.write([ask_messages("Where was Ada born?")])) == 1
