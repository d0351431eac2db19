"""A real student, small and untaught, as an examinee: what it takes, refuses and gives back."""

from __future__ import annotations

import pytest

from closedbook.evaluation import LocalExaminee
from closedbook.students import REHEARSAL_STUDENT, ask_messages

OPTIONS = ("Quarrenhold", "the Listrava Institute", "1921", "b")


@pytest.fixture(scope="module")
def examinee() -> LocalExaminee:
    return LocalExaminee.load(REHEARSAL_STUDENT, answer_tokens=5)


def test_a_question_is_taken_scored_and_answered(examinee: LocalExaminee) -> None:
    prompts = [ask_messages("Where was Ada born?"), ask_messages("When?", ["A passage."])]
    assert [examinee.refusal(prompt, OPTIONS) for prompt in prompts] == ["", ""]
    scores = examinee.score(prompts, [OPTIONS, OPTIONS[:2]])
    assert [len(values) for values in scores] == [4, 2]
    assert all(value < 0 for values in scores for value in values)
    texts = examinee.write(prompts)
    assert len(texts) == 2
    assert all(isinstance(text, str) for text in texts)


def test_the_context_must_hold_prompt_and_answer(examinee: LocalExaminee) -> None:
    def refusal(words: int, tokens: int) -> str:
        student = LocalExaminee(examinee.student, tokens)
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
