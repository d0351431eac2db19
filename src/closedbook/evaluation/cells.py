"""Response rows as the statistics see them: per exam, arm and condition, question by question.

Keeps what counts of an answer and drops its text, so that hundreds of thousands fit in memory.
Knows no statistics. Invariant: no answer is counted twice, and none contradicts itself.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from closedbook.errors import EvaluationError
from closedbook.records import Condition, Response
from closedbook.store import read_rows

Cell = tuple[str, str, Condition]
"""Exam, arm, condition."""


@dataclass(frozen=True, slots=True)
class Mark:
    """One answer: whether it was right and told an option at all, and where the right and the
    chosen option stood as shown (None: nowhere)."""

    correct: bool
    parsed: bool
    truncated: bool
    forced: bool
    failed: bool
    gold: int | None
    chosen: int | None
    prompt_tokens: int | None
    completion_tokens: int | None
    seconds: float | None


@dataclass(slots=True)
class Answered:
    """A question and every answer to it. `asked` is a hash (within this process) of what is asked
    and what is right: an id alone may be a person's. `right_document` and `evidence` say whether
    its own document, and the sentence it rests on, were among the passages (None: nothing to
    find)."""

    document: str
    options: int
    asked: int
    hard: bool | None
    right_document: bool | None
    evidence: bool | None
    marks: dict[tuple[int, int], Mark] = field(default_factory=dict)

    @property
    def score(self) -> float:
        """The share of its answers that are right: samples and orders of options are averaged."""
        return sum(mark.correct for mark in self.marks.values()) / len(self.marks)

    @property
    def right(self) -> bool:
        """Whether more than half of its answers are right."""
        return self.score > 0.5


Answers = Mapping[str, Answered]
"""What was answered by question id, in the order of the file."""


def read_cells(arms: Mapping[str, Path]) -> dict[Cell, Answers]:
    """The answers in each arm's response rows. Raises EvaluationError if one is given twice or
    contradicts itself."""
    cells: dict[Cell, dict[str, Answered]] = {}
    for arm, path in arms.items():
        for response in read_rows(path, Response):
            _check(response, arm)
            answers = cells.setdefault((response.exam, arm, response.condition), {})
            answered = answers.setdefault(response.question_id, _question(response))
            turn = response.sample, response.permutation
            if turn in answered.marks:
                raise EvaluationError(f"{path}: {response.question!r} is answered twice")
            answered.marks[turn] = _mark(response)
    return dict(cells)


def clusters(answers: Answers, keys: Iterable[str]) -> list[str]:
    """The document of each question; one that names none is a cluster of its own."""
    return [answers[key].document or f"\0{key}" for key in keys]


def _question(response: Response) -> Answered:
    placed = response.condition == "rag" and response.document
    quoted = [p.evidence for p in response.retrieved if p.evidence is not None]
    return Answered(
        document=response.document,
        options=len(response.options),
        asked=hash((response.question, response.options, response.answer, response.expected)),
        hard=response.hard,
        right_document=response.read_its_document if placed else None,
        evidence=any(quoted) if response.condition == "rag" and quoted else None,
    )


def _mark(response: Response) -> Mark:
    shown = bool(response.options)
    return Mark(
        correct=response.correct,
        parsed=bool(response.extracted) and not response.failed,
        truncated=response.truncated,
        forced=response.forced,
        failed=bool(response.failed),
        gold=response.shown(response.answer) if shown else None,
        chosen=response.shown(response.chosen) if shown and response.chosen is not None else None,
        prompt_tokens=response.prompt_tokens,
        completion_tokens=response.completion_tokens,
        seconds=response.seconds,
    )


def _check(response: Response, arm: str) -> None:
    chosen = response.chosen
    sound = (
        response.arm == arm
        and (chosen is None or chosen in range(len(response.options)))
        and bool(response.extracted or not response.correct)
        and _scored_soundly(response)
        and (not response.options or response.correct == (chosen == response.answer))
    )
    if not sound:
        raise EvaluationError(f"{arm}: the response to {response.question!r} contradicts itself")


def _scored_soundly(response: Response) -> bool:
    scores = response.scores
    if not scores:
        return True
    best = response.chosen is not None and scores[response.chosen] == max(scores)
    return len(scores) == len(response.options) and not any(map(math.isnan, scores)) and best
