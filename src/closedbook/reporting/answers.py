"""Responses of base and customised student side by side, flips first.

Knows response rows. Invariant: of an unreviewed exam nothing here says whether an answer is right.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from closedbook.records import Condition, Response
from closedbook.reporting.words import letter
from closedbook.store import read_rows

SHOWN: tuple[Condition, ...] = ("closed_book", "rag")

Outcome = Literal["gained", "lost", "both right", "both wrong", "unreviewed"]
OUTCOMES: tuple[Outcome, ...] = ("gained", "lost", "both wrong", "both right", "unreviewed")
"""In the order in which the questions are listed."""


@dataclass(frozen=True, slots=True)
class Option:
    """One option of a question; `right` is None where nobody has reviewed it."""

    letter: str
    text: str
    right: bool | None


@dataclass(frozen=True, slots=True)
class Answer:
    """What one arm said under one condition: the option it scored highest and its own words."""

    condition: str
    arm: str
    chosen: Option
    text: str
    retrieved: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with all answers shown beside it; `outcome` is of the first condition."""

    question: str
    document: str
    options: tuple[Option, ...]
    answers: tuple[Answer, ...]
    outcome: Outcome


def side_by_side(
    responses: Mapping[str, Path], arms: Sequence[str], exam: str, *, reviewed: bool
) -> list[Asked]:
    """Every question of `exam`, with the answers of the two `arms`, in the order of OUTCOMES."""
    found: dict[str, dict[tuple[str, str], Response]] = {}
    for arm in arms:
        for row in read_rows(responses[arm], Response):
            if row.exam == exam and row.condition in SHOWN:
                found.setdefault(row.question_id, {})[row.condition, arm] = row
    asked = [_asked(rows, arms, reviewed) for rows in found.values()]
    return sorted(asked, key=lambda item: OUTCOMES.index(item.outcome))


def _asked(rows: Mapping[tuple[str, str], Response], arms: Sequence[str], reviewed: bool) -> Asked:
    first = next(iter(rows.values()))
    options = tuple(
        Option(letter(place), text, place == first.answer if reviewed else None)
        for place, text in enumerate(first.options)
    )
    answers = tuple(
        Answer(condition, arm, _chosen(row, options), row.text, row.titles)
        for condition in SHOWN
        for arm in arms
        if (row := rows.get((condition, arm)))
    )
    return Asked(
        first.question,
        first.document,
        options,
        answers,
        _outcome(answers) if reviewed else "unreviewed",
    )


def _chosen(row: Response, options: Sequence[Option]) -> Option:
    if row.chosen is not None:
        return options[row.chosen]
    return Option("", "no option", None if options[0].right is None else row.correct)


def _outcome(answers: Sequence[Answer]) -> Outcome:
    """How the answers of both arms compare under the first condition there is."""
    first = [answer for answer in answers if answer.condition == answers[0].condition]
    before, after = first[0].chosen.right, first[-1].chosen.right
    if before and after:
        return "both right"
    if before:
        return "lost"
    return "gained" if after else "both wrong"
