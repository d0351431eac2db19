"""The part of `summary.json` (version 1, docs/results.md) that the report shows.

Read from the file, as any other reader would: stages meet on disk.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter

from closedbook.errors import InputError
from closedbook.records import Condition
from closedbook.store import read_json

VERSION = 1
BASE = "base"
CUSTOMISED = "customised"

Interval = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Result:
    """One arm under one condition; `accuracy` is None where the exam is unreviewed."""

    exam: str
    arm: str
    condition: Condition
    n: int
    documents: int
    chance: float
    accuracy: float | None = None
    interval: Interval | None = None
    retrieved_right: float | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """`arm` minus `against`."""

    exam: str
    condition: Condition
    arm: str
    against: str
    difference: float
    interval: Interval
    p: float
    p_holm: float
    gained: int
    lost: int
    relative: float | None = None


@dataclass(frozen=True, slots=True)
class Results:
    """Everything that was measured, or, of an unreviewed exam, checked."""

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


def read_results(path: Path) -> Results:
    """The results in a `summary.json`; raises InputError if it is missing or of another version."""
    stored = read_json(path)
    if not stored or stored.get("version") != VERSION:
        raise InputError(f"{path}: no summary of version {VERSION}", hint="evaluate first")
    return TypeAdapter(Results).validate_python(stored)
