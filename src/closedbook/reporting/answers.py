"""Every question with what each arm answered, flips first.

Knows response rows. Of several answers to a question under one condition the first is kept whole,
of the others only how they came out. Invariant: of an unreviewed exam nothing here says whether an
answer is right.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from closedbook.records import Response
from closedbook.reporting.words import letter
from closedbook.store import read_rows

Outcome = Literal["gained", "lost", "both right", "both wrong", "unreviewed"]
OUTCOMES: tuple[Outcome, ...] = ("gained", "lost", "both wrong", "both right", "unreviewed")
"""In the order in which the questions are listed."""
Key = tuple[str, str]
"""Arm and condition."""


@dataclass(slots=True)
class ArmAnswers:
    """One arm's answers under one condition: the `first`, and whether each of them was right
    (`turns`; empty where nobody reviewed the exam)."""

    first: Response
    turns: list[bool] = field(default_factory=list)

    @property
    def right(self) -> bool | None:
        """Whether more than half of them are; None if nobody can say."""
        return sum(self.turns) > len(self.turns) / 2 if self.turns else None

    @property
    def choice(self) -> str:
        """The option taken, with its letter as in the exam."""
        place = self.first.chosen
        if place is not None:
            return f"{letter(place)}. {self.first.options[place]}"
        if self.first.failed:
            return f"no answer: {self.first.failed}"
        return "no option told" if self.first.options else ""


@dataclass(slots=True)
class SideBySide:
    """A question, as a `row` of responses has it, and all answers to it; `reviewed` is whether
    anybody can say what is right."""

    row: Response
    reviewed: bool
    said: dict[Key, ArmAnswers] = field(default_factory=dict)

    @property
    def answer(self) -> int | None:
        """The place of the right option, None where nobody reviewed it or no option is."""
        return self.row.answer if self.reviewed and self.row.options else None

    @property
    def expected(self) -> str:
        """The right answer as a text, "" where nobody reviewed it."""
        return self.row.expected if self.reviewed else ""

    def outcome(self, before: str, after: str, condition: str) -> Outcome:
        """How two arms compare under a condition; "unreviewed" also where one did not answer."""
        pair = [self.said.get((arm, condition)) for arm in (before, after)]
        was, now = (said.right if said else None for said in pair)
        if was is None or now is None:
            return "unreviewed"
        if was:
            return "both right" if now else "lost"
        return "gained" if now else "both wrong"


def read_answers(
    responses: Mapping[str, Path], pair: tuple[str, str], *, reviewed: bool
) -> list[SideBySide]:
    """Every question of every exam; within an exam by how the `pair` of arms (before, after)
    compares under the first condition, in the order of OUTCOMES."""
    found: dict[tuple[str, str], SideBySide] = {}
    for arm, path in responses.items():
        for row in read_rows(path, Response):
            asked = found.setdefault((row.exam, row.question_id), SideBySide(row, reviewed))
            said = asked.said.setdefault((arm, row.condition), ArmAnswers(row))
            if reviewed:
                said.turns.append(row.correct)
    exams = list(dict.fromkeys(exam for exam, _ in found))
    first = _first(found.values())

    def place(asked: SideBySide) -> tuple[int, int]:
        return exams.index(asked.row.exam), OUTCOMES.index(asked.outcome(*pair, first))

    return sorted(found.values(), key=place)


def outcomes_of(asked: Collection[SideBySide], pair: tuple[str, str]) -> dict[Outcome, int]:
    """How many questions there are of each outcome under the first condition."""
    counts = Counter(item.outcome(*pair, _first(asked)) for item in asked)
    return {outcome: counts[outcome] for outcome in OUTCOMES if counts[outcome]}


def _first(asked: Collection[SideBySide]) -> str:
    return next((c for item in asked for _, c in item.said), "closed_book")


def conditions_of(asked: Sequence[SideBySide]) -> list[str]:
    """Every condition under which something was answered, in the order of first use."""
    return list(dict.fromkeys(condition for item in asked for _, condition in item.said))
