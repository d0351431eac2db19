"""Where the training data came from and what was dropped on the way: the funnel and its losses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from closedbook.reporting.gathering import ReportInput

ROWS = ("documents", "questions", "pairs", "study", "rows", "responses", "passages")
"""Counts of a manifest that say how many rows a stage left."""
LISTED = 60
"""Documents of which untouched sentences are listed."""


@dataclass(frozen=True, slots=True)
class Left:
    """What a stage left, by kind, and what it dropped, by reason."""

    stage: str
    rows: Mapping[str, int]
    dropped: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Covered:
    """Kept pairs per document, `pairs`, with their median; the documents without any, `bare`;
    sentences touched of all, if known; and the rows of the documents with the most `untouched`."""

    pairs: Sequence[int]
    median: float
    bare: Sequence[str]
    touched: tuple[int, int] | None
    untouched: Sequence[Mapping[str, Any]]


def left_by_stages(report: ReportInput) -> Iterator[Left]:
    """The funnel from documents to training rows."""
    for name, manifest in report.manifests.items():
        if name.partition("/")[0] in {"evaluate", "retrieve", "exam", "report"}:
            continue
        rows = {key: int(manifest.counts[key]) for key in ROWS if key in manifest.counts}
        dropped = report.rejections.get(name, {})
        if rows or dropped:
            yield Left(name, rows, dropped)


def coverage_of(report: ReportInput) -> Covered | None:
    """How well the kept pairs cover the documents; None where nothing was curated."""
    rows = report.coverage
    if not rows:
        return None
    pairs = [int(row.get("pairs", 0)) for row in rows]
    touched = None
    if "curate" in report.manifests:
        counts = report.manifests["curate"].counts
        if "sentences" in counts:
            touched = (int(counts["sentences_touched"]), int(counts["sentences"]))
    bare = [str(row.get("document", "")) for row in rows if not row.get("pairs")]
    untouched = [row for row in rows if row.get("untouched")]
    most = sorted(untouched, key=lambda row: -len(row["untouched"]))[:LISTED]
    return Covered(pairs, median(pairs), bare, touched, most)
