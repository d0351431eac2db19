"""The figures of an evaluation, as they stand in `summary.json`, version 2 (docs/results.md)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from closedbook.records.exam import Condition

SUMMARY_VERSION = 2
BASE = "base"
CUSTOMISED = "customised"

Interval = tuple[float, float]
Method = Literal["clustered", "documents"]


@dataclass(frozen=True, slots=True)
class Part:
    """The accuracy on some of the questions or answers, `n` of them."""

    n: int
    accuracy: float
    interval: Interval
    method: Method


@dataclass(frozen=True, slots=True)
class Letter:
    """A place among the options as shown: the share of answers that chose it (`chosen`), and the
    accuracy of the `n` answers where the right option stood there (None if none did)."""

    letter: str
    n: int
    chosen: float
    accuracy: float | None = None
    interval: Interval | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """One arm under one condition. `n` counts questions, `answers` what they were answered with
    (more where options were turned or samples drawn), `documents` the clusters; `chance` is the
    mean of 1 over the number of options.

    `unparsed` answers told no option; they, and `failed` ones, count as wrong. `parsed` is the
    accuracy without both. Recall: the share of questions whose own document (`retrieved_right`) or
    whose evidence (`evidence_recall`) was among the passages. Tokens and seconds are means per
    answer. Of an unreviewed exam nothing says what was right.
    """

    exam: str
    arm: str
    condition: Condition
    n: int
    documents: int
    chance: float
    answers: int
    unparsed: int = 0
    truncated: int = 0
    forced: int = 0
    failed: int = 0
    accuracy: float | None = None
    interval: Interval | None = None
    method: Method | None = None
    parsed: Part | None = None
    hard: Part | None = None
    easy: Part | None = None
    letters: tuple[Letter, ...] = ()
    retrieved_right: float | None = None
    evidence_recall: float | None = None
    prompt_tokens: float | None = None
    completion_tokens: float | None = None
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """`arm` minus `against` on the same `n` questions; `unpaired` ones only one of them answered.

    `p` is of sign flips of whole documents, `p_holm` adjusted over all comparisons beside it,
    `mcnemar` exact and of single questions. `detectable` is the difference that 80 of 100 such
    exams would have told from 0. `relative` is None where `against` has no right answer.
    """

    exam: str
    condition: Condition
    arm: str
    against: str
    n: int
    unpaired: int
    difference: float
    interval: Interval
    method: Method
    p: float
    p_holm: float
    mcnemar: float
    gained: int
    lost: int
    detectable: float | None = None
    relative: float | None = None
    relative_interval: Interval | None = None


@dataclass(frozen=True, slots=True)
class Summary:
    """All results and planned comparisons; `checked` says in sentences what was verified.

    Of an unreviewed exam there is no accuracy and no comparison; `checked` begins with the reason.
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
            (c for c in self.comparisons if (c.exam, c.condition, c.arm, c.against) == wanted), None
        )
