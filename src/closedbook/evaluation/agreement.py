"""How far a judge of short answers agrees with a person who graded the same ones.

Knows grades and verdicts, not exams. Invariant: a verdict that cannot be read counts as WRONG, as
it does in an exam, and is told apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictStr

from closedbook.errors import EvaluationError, InputError
from closedbook.evaluation.judge import Given, Judge, Verdict
from closedbook.evaluation.lines import read_lines
from closedbook.evaluation.matching import matches
from closedbook.evaluation.statistics import wilson
from closedbook.records import Interval

ENOUGH = 50
"""Grades from which on the intervals say something."""
FORM = '{"question": "...", "accepted": ["..."], "answer": "...", "right": true}'


class Grade(BaseModel):
    """A person's grade of a short answer."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    question: StrictStr = Field(min_length=1)
    accepted: StrictStr | list[StrictStr] = Field(min_length=1)
    answer: StrictStr
    right: StrictBool

    @property
    def given(self) -> Given:
        accepted = [self.accepted] if isinstance(self.accepted, str) else self.accepted
        return Given(self.question, tuple(accepted), self.answer)


@dataclass(frozen=True, slots=True)
class Counted:
    """Agreement and Cohen's kappa on `n` grades, with 95 % intervals; kappa is None where judge
    and person each gave one grade only, the same, so that chance explains everything."""

    n: int
    agreement: float
    interval: Interval
    kappa: float | None
    kappa_interval: Interval | None

    @classmethod
    def of(cls, pairs: Sequence[tuple[bool, bool]]) -> Counted:
        """From (person's, judge's) grades, of which there is at least one. The interval of kappa
        is that of the agreement with the agreement by chance taken as known (Cohen 1960, Educ.
        Psychol. Meas. 20:37-46)."""
        n = len(pairs)
        agreement = sum(person == judge for person, judge in pairs) / n
        low, high = wilson(agreement, n)
        ours, theirs = (sum(pair[side] for pair in pairs) / n for side in (0, 1))
        chance = ours * theirs + (1 - ours) * (1 - theirs)
        if chance == 1:
            return cls(n, agreement, (low, high), None, None)
        kappa, least, most = ((x - chance) / (1 - chance) for x in (agreement, low, high))
        return cls(n, agreement, (low, high), kappa, (max(least, -1.0), most))


@dataclass(frozen=True, slots=True)
class Agreement:
    """`judge` is of the judge alone; `graded` of answers graded as in an exam, by match and, where
    that fails, by the judge. The errors are rows (line, grade): called RIGHT that the person found
    wrong, called WRONG that the person found right. `unread` verdicts are among the latter or agree
    by chance; `failed` ones never came and are not counted."""

    judge: Counted
    graded: Counted
    too_kind: tuple[tuple[int, Grade], ...]
    too_strict: tuple[tuple[int, Grade], ...]
    unread: int
    failed: int


def measure_agreement(file: Path, judge: Judge) -> Agreement:
    """Put every graded answer of a JSONL file to the judge. Raises InputError for a line that is
    not of this form, EvaluationError without any verdict, and as `Judge.verdicts` does."""
    grades = list(read_lines(file, Grade, FORM))
    if not grades:
        raise InputError(f"{file}: no grades in it", hint=f"one per line: {FORM}")
    verdicts = judge.verdicts([grade.given for _, grade in grades])
    told = [
        (number, grade, verdict)
        for (number, grade), verdict in zip(grades, verdicts, strict=True)
        if not verdict.failed
    ]
    if not told:
        raise EvaluationError(
            f"the judge gave no verdict: {verdicts[0].failed}",
            hint="once that is solved, run again",
        )
    return Agreement(
        Counted.of([(grade.right, bool(verdict.right)) for _, grade, verdict in told]),
        Counted.of([(grade.right, _graded(grade, verdict)) for _, grade, verdict in told]),
        tuple((n, grade) for n, grade, verdict in told if verdict.right and not grade.right),
        tuple((n, grade) for n, grade, verdict in told if grade.right and not verdict.right),
        sum(verdict.right is None for _, _, verdict in told),
        len(verdicts) - len(told),
    )


def _graded(grade: Grade, verdict: Verdict) -> bool:
    return matches(grade.answer, grade.given.accepted) or bool(verdict.right)
