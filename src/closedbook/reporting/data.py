"""Where the training data came from and what was dropped on the way: the funnel and its losses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from statistics import median
from typing import Any

from closedbook.reporting.gathering import ReportInput
from closedbook.reporting.samples import Samples

ROWS = ("documents", "questions", "pairs", "study", "rows", "responses", "passages")
"""Counts of a manifest that say how many rows a stage left."""
REPEATED, CONTAMINATED = ("repeat", "duplicate", "alike"), ("exam question", "contaminat")
"""Words in the reasons for which rows are dropped."""


@dataclass(frozen=True, slots=True)
class Left:
    """What a stage left, by kind, and what it dropped, by reason."""

    stage: str
    rows: Mapping[str, int]
    dropped: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Covered:
    """Kept pairs per document: how many documents, how many of them without any, the fewest, the
    median and the most; `bare` names those without; sentences touched of all, if known."""

    documents: int
    without: int
    fewest: int
    median: float
    most: int
    bare: tuple[str, ...]
    touched: tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class Data:
    """The data section. `repeated` and `contaminated` count dropped rows, of all stages."""

    stages: tuple[Left, ...]
    coverage: Covered | None
    repeated: int
    contaminated: int
    samples: Samples


def data_of(report: ReportInput) -> Data:
    """The funnel from documents to training rows."""
    stages = tuple(_stages(report))
    reasons: Counter[str] = Counter()
    for stage in stages:
        reasons.update(stage.dropped)
    contaminated = _matching(reasons, CONTAMINATED)
    return Data(
        stages=stages,
        coverage=_covered(report),
        repeated=_matching(reasons, REPEATED, without=CONTAMINATED),
        contaminated=contaminated,
        samples=report.samples,
    )


def _stages(report: ReportInput) -> Iterator[Left]:
    for name, manifest in report.manifests.items():
        if name.partition("/")[0] in {"evaluate", "retrieve", "exam", "report"}:
            continue
        rows = {key: int(manifest.counts[key]) for key in ROWS if key in manifest.counts}
        dropped = report.rejections.get(name, {})
        if rows or dropped:
            yield Left(name, rows, dropped)


def _matching(
    reasons: Mapping[str, int], parts: tuple[str, ...], without: tuple[str, ...] = ()
) -> int:
    return sum(
        number
        for reason, number in reasons.items()
        if any(part in reason for part in parts) and not any(part in reason for part in without)
    )


def _covered(report: ReportInput) -> Covered | None:
    rows = report.coverage
    if not rows:
        return None
    pairs = [int(row.get("pairs", 0)) for row in rows]
    counts: Mapping[str, Any] = (
        report.manifests["curate"].counts if "curate" in report.manifests else {}
    )
    touched = (
        (int(counts["sentences_touched"]), int(counts["sentences"]))
        if "sentences_touched" in counts and "sentences" in counts
        else None
    )
    bare = tuple(str(row.get("document", "")) for row in rows if not row.get("pairs"))
    return Covered(len(rows), len(bare), min(pairs), median(pairs), max(pairs), bare, touched)
