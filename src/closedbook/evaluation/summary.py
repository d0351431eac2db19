"""The figures of an evaluation as they stand in `summary.json`, version 1 (docs/results.md).

Light, for everyone who reads results; making them is `summarising`'s work.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import TypeAdapter, ValidationError

from closedbook.errors import InputError
from closedbook.records import Condition

VERSION = 1
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
    """All results and planned comparisons; `checked` says in sentences what was verified."""

    version: int
    reviewed: bool
    results: tuple[Result, ...]
    comparisons: tuple[Comparison, ...]
    checked: tuple[str, ...]


def read_summary(path: Path) -> Summary:
    """The summary of a file; raises InputError if there is none or it is of another version."""
    if not path.is_file():
        raise InputError(f"{path}: there is no summary", hint="run the evaluation first")
    try:
        summary = TypeAdapter(Summary).validate_json(path.read_bytes())
    except ValidationError as error:
        raise InputError(f"{path}: not a summary of version {VERSION}") from error
    if summary.version != VERSION:
        raise InputError(
            f"{path}: a summary of version {summary.version}, not {VERSION}",
            hint="run the evaluation again",
        )
    return summary
