"""Asking a student: scores against a plain computation, and independence of batching."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional

from closedbook.records import Message, TrainingRow
from closedbook.students import REHEARSAL_STUDENT, answering, ask_messages
from closedbook.students.answering import generate, score_options, write
from closedbook.students.encode import encode, encode_prompt
from closedbook.students.student import Student, load_student

QUESTIONS = [
    ("Who led Orr Works?", ("Anna", "Berthold of the North", "C")),
    ("Where was Mira Tol born?", ("Kesh", "In the old town of Lurk", "Oo", "Vard")),
    ("When?", ("1901", "2")),
]
PROMPTS = [ask_messages(q, ["A passage of text. " * n]) for n, (q, _) in enumerate(QUESTIONS)]
OPTIONS = [options for _, options in QUESTIONS]


@pytest.fixture(scope="module")
def student() -> Student:
    return load_student(REHEARSAL_STUDENT)


def plain_score(student: Student, prompt: tuple[Message, ...], option: str) -> float:
    row = TrainingRow("exam", (*prompt, Message("assistant", option)))
    encoded = encode(student.tokenizer, row, 10_000)
    with torch.inference_mode():
        logits = student.model(input_ids=torch.tensor([encoded.ids])).logits[0, :-1]
    labels = torch.tensor(encoded.labels[1:])
    return -functional.cross_entropy(logits, labels, reduction="sum").item()


def test_scores_are_the_log_likelihood_of_the_answer_turn(student: Student) -> None:
    for prompt, options, scores in zip(
        PROMPTS, OPTIONS, score_options(student, PROMPTS, OPTIONS), strict=True
    ):
        expected = [plain_score(student, prompt, option) for option in options]
        assert scores == pytest.approx(expected, abs=1e-3)


def test_scores_do_not_depend_on_what_is_asked_beside(
    student: Student, monkeypatch: pytest.MonkeyPatch
) -> None:
    together = score_options(student, PROMPTS, OPTIONS)
    monkeypatch.setattr(answering, "BATCH_TOKENS", 1)
    apart = score_options(student, PROMPTS[::-1], OPTIONS[::-1])[::-1]
    for one, other in zip(together, apart, strict=True):
        assert one == pytest.approx(other, abs=1e-3)


def test_generation_is_greedy_and_does_not_depend_on_padding(student: Student) -> None:
    written = generate(student, PROMPTS, 8)
    for prompt, text in zip(PROMPTS, written, strict=True):
        ids = encode_prompt(student.tokenizer, prompt)
        start = len(ids)
        with torch.inference_mode():
            for _ in range(8):
                best = int(student.model(input_ids=torch.tensor([ids])).logits[0, -1].argmax())
                ids.append(best)
                if best == student.tokenizer.eos_token_id:
                    break
        expected = student.tokenizer.decode(ids[start:], skip_special_tokens=True)
        assert text == str(expected).strip()


def test_samples_of_a_prompt_differ_though_each_is_a_batch_of_its_own(
    student: Student, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answering, "BATCH_TOKENS", 1)
    asked = [encode_prompt(student.tokenizer, PROMPTS[0])] * 3
    drawn = write(student, asked, 12, temperature=1.0, seed=1)
    assert len({item.text for item in drawn}) == 3
    assert write(student, asked, 12, temperature=1.0, seed=1) == drawn
