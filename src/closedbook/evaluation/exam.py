"""Exams: questions under a name, with the conditions under which they are asked.

Knows question records and who marks what no rule accepts, not the files people write.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Self

from closedbook.errors import InputError
from closedbook.evaluation.judge import Judge
from closedbook.records import Condition, Question
from closedbook.store import read_rows

NAMED = 5
"""Missing documents that are told by title."""


@dataclass(frozen=True, slots=True)
class Exam:
    """Questions under a name, and the conditions under which they are asked. Short answers that
    match no accepted one are put to the `judge`, if there is one. `left_out` counts, by reason, the
    questions that are not among these because this arm cannot be asked them."""

    name: str
    questions: tuple[Question, ...]
    conditions: tuple[Condition, ...]
    judge: Judge | None = None
    left_out: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def stored(
        cls, name: str, file: Path, conditions: tuple[Condition, ...], limit: int | None = None
    ) -> Self:
        """The first `limit` (all, if None) of the questions in `file`, under one name."""
        return cls(name, tuple(islice(read_rows(file, Question), limit)), conditions)


def sealed_exams(file: Path, conditions: tuple[Condition, ...]) -> Iterator[Exam]:
    """The exams of a file, each with its sealed questions, in the file's order."""
    named: dict[str, list[Question]] = {}
    for question in read_rows(file, Question):
        together = named.setdefault(question.exam, [])
        if question.split == "sealed":
            together.append(question)
    for name, questions in named.items():
        yield Exam(name, tuple(questions), conditions)


def missing_documents(questions: Iterable[Question], titles: Collection[str]) -> str:
    """Which documents that questions name are not among these titles, in words; "" if all are."""
    asked = Counter(item.document for item in questions if item.document)
    missing = [title for title in asked if title not in titles]
    if not missing:
        return ""
    named = ", ".join(map(repr, missing[:NAMED])) + (", ..." if len(missing) > NAMED else "")
    lost = sum(asked[title] for title in missing)
    return (
        f"{len(missing)} documents that questions name are not among the documents: {named}; "
        f"their {lost} questions cannot be asked open book"
    )


def to_choose_by(questions: Iterable[Question]) -> list[Question]:
    """The questions among these that a checkpoint is chosen by. Raises InputError if there are
    none."""
    found = [item for item in questions if item.split == "choose" and item.options]
    if not found:
        raise InputError(
            "train.checkpoint is exam, but no question with options is marked to choose by",
            hint='give some questions of the exam "split": "choose", or set exam.choose, or set '
            "train.checkpoint to last or loss",
        )
    return found
