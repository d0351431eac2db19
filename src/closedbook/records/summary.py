"""The figures of an evaluation, as they stand in `summary.json`, version 1 (docs/results.md)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from closedbook.records.exam import Condition

SUMMARY_VERSION = 1
BASE = "base"
CUSTOMISED = "customised"

Interval = tuple[float, float]
Method = Literal["bca", "wilson"]


@dataclass(frozen=True, slots=True)
class Result:
    """One arm under one condition. `documents` counts the clusters; `chance` is the mean of 1 over
    the number of options; `retrieved_right` is the share of questions whose own document was among
    the passages (RAG, questions that name a document). Of an unreviewed exam `accuracy`,
    `interval` and `method` are None."""

    exam: str
    arm: str
    condition: Condition
    n: int
    documents: int
    chance: float
    accuracy: float | None = None
    interval: Interval | None = None
    method: Method | None = None
    retrieved_right: float | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """`arm` minus `against` on the same `n` questions; `p_holm` is adjusted over all comparisons
    of the summary; `relative` is None where `against` has no right answer."""

    exam: str
    condition: Condition
    arm: str
    against: str
    n: int
    difference: float
    interval: Interval
    method: Method
    p: float
    p_holm: float
    gained: int
    lost: int
    relative: float | None = None


@dataclass(frozen=True, slots=True)
class Summary:
    """All results and planned comparisons; `checked` says in sentences what was verified.

    Of an unreviewed exam there is no accuracy and no comparison.
    """

    version: int
    reviewed: bool
    results: tuple[Result, ...]
    comparisons: tuple[Comparison, ...]
    checked: tuple[str, ...]

    @property
    def exams(self) -> tuple[str, ...]:
        """The main exam first, then the others (retention)."""
        return tuple(dict.fromkeys(result.exam for result in self.results))

    @property
    def customised(self) -> str:
        """The arm beside the base: `customised`, or the first other one."""
        arms = dict.fromkeys(r.arm for r in self.results if r.arm != BASE)
        return CUSTOMISED if CUSTOMISED in arms or not arms else next(iter(arms))

    def of(self, exam: str) -> tuple[Result, ...]:
        return tuple(result for result in self.results if result.exam == exam)

    def gain(self, exam: str, condition: str) -> Comparison | None:
        """The customised student against the base."""
        wanted = (exam, condition, self.customised, BASE)
        return next(
            (c for c in self.comparisons if (c.exam, c.condition, c.arm, c.against) == wanted),
            None,
        )
