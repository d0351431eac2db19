"""One arm sits the exams: every question under every condition, one response each.

Knows prompts and scores, not what they add up to. Invariant: a question that gets no response under
a condition is counted with the reason, and the user is told.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol

from closedbook.config import Evaluate
from closedbook.errors import EvaluationError
from closedbook.evaluation.conditions import Library, NotAsked, Prompt
from closedbook.evaluation.exam import Exam, in_words
from closedbook.events import Counts, Emit, Notice, StageProgress
from closedbook.records import Condition, Document, Message, Response
from closedbook.store import read_rows, write_rows

RESPONSES = "responses.jsonl"
BATCH = 64
"""Questions asked together; also how often progress is told."""


class Examinee(Protocol):
    """Something that can be asked. Prompts and results are in the same order."""

    def refusal(self, prompt: Sequence[Message], options: Sequence[str]) -> str:
        """Why this cannot be asked ("too long" or another short reason), "" if it can."""

    def score(
        self, prompts: Sequence[Sequence[Message]], options: Sequence[Sequence[str]]
    ) -> list[tuple[float, ...]]:
        """Log-likelihood of each option as the whole answer, in nats."""

    def write(self, prompts: Sequence[Sequence[Message]]) -> list[str]:
        """Free answers."""


def answer_exams(
    exams: Sequence[Exam],
    arm: str,
    examinee: Examinee,
    documents: Path,
    settings: Evaluate,
    out: Path,
    emit: Emit,
) -> Counts:
    """Write `out/responses.jsonl`: the responses of `arm` to every exam, in the exams' order.

    `documents` is the file of the documents stage. Counts: `responses`, and per condition what was
    shortened to fit and what was not asked.
    """
    stage = f"evaluate/{arm}"
    rounds = [(exam, condition) for exam in exams for condition in exam.conditions]
    total = sum(len(exam.questions) for exam, _ in rounds)
    counts: Counter[str] = Counter()
    responses: list[Response] = []
    done = 0
    with Library(
        read_rows(documents, Document),
        characters=settings.passage_characters,
        retrieved=settings.retrieved,
    ) as library:
        for exam, condition in rounds:
            for start in range(0, len(exam.questions), BATCH):
                batch = exam.questions[start : start + BATCH]
                made = [library.prompt(item, condition, examinee.refusal) for item in batch]
                _count(made, condition, counts)
                asked = [prompt for prompt in made if isinstance(prompt, Prompt)]
                responses.extend(_answer(examinee, asked, exam.name, arm, condition))
                done += len(batch)
                emit(StageProgress(stage, done, total, f"{exam.name}, {in_words(condition)}"))
    _tell(stage, counts, emit)
    return {"responses": write_rows(out / RESPONSES, responses), **counts}


def _answer(
    examinee: Examinee, prompts: Sequence[Prompt], exam: str, arm: str, condition: Condition
) -> Iterator[Response]:
    messages = [prompt.messages for prompt in prompts]
    scores = examinee.score(messages, [prompt.question.options for prompt in prompts])
    texts = examinee.write(messages)
    for prompt, values, text in zip(prompts, scores, texts, strict=True):
        question = prompt.question
        if any(math.isnan(value) for value in values):
            raise EvaluationError(
                f"{arm}: the score of an option of {question.question!r} is not a number",
                hint="the training diverged: lower train.learning_rate",
            )
        chosen = max(range(len(values)), key=values.__getitem__)
        yield Response(
            exam=exam,
            arm=arm,
            condition=condition,
            question_id=question.id,
            document=question.document,
            question=question.question,
            options=question.options,
            answer=question.answer,
            scores=values,
            chosen=chosen,
            correct=chosen == question.answer,
            text=text,
            retrieved=prompt.retrieved,
            hard=question.hard,
            expected=question.right,
        )


def _count(made: Sequence[Prompt | NotAsked], condition: Condition, counts: Counter[str]) -> None:
    for prompt in made:
        if isinstance(prompt, NotAsked):
            counts[f"{in_words(condition)}, not asked: {prompt.reason}"] += 1
        elif prompt.shortened:
            counts[f"{in_words(condition)}, text beside the question shortened to fit"] += 1


def _tell(stage: str, counts: Counter[str], emit: Emit) -> None:
    for what, number in sorted(counts.items()):
        emit(Notice(stage, f"{number} questions: {what}"))
