"""Where the training data came from and what was dropped on the way: the funnel and its losses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from statistics import median
from typing import Any

from closedbook.reporting.gathering import ReportInput

ROWS = ("documents", "questions", "pairs", "study", "rows", "responses", "passages")
"""Counts of a manifest that say how many rows a stage left."""
LISTED, SENTENCES = 60, 12
"""Documents of which untouched sentences are listed, and how many of each."""


@dataclass(frozen=True, slots=True)
class Untouched:
    """The sentences of a document that no kept pair touches: how many of all, and the first."""

    document: str
    untouched: int
    sentences: int
    shown: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Left:
    """What a stage left, by kind, and what it dropped, by reason."""

    stage: str
    rows: Mapping[str, int]
    dropped: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Covered:
    """Kept pairs per document: how many documents, how many of them without any, the fewest, the
    median and the most; `bare` names those without; sentences touched of all, if known; and the
    documents with the most `untouched`."""

    documents: int
    without: int
    fewest: int
    median: float
    most: int
    bare: tuple[str, ...]
    touched: tuple[int, int] | None
    untouched: tuple[Untouched, ...] = ()


@dataclass(frozen=True, slots=True)
class Data:
    """The data section."""

    stages: tuple[Left, ...]
    coverage: Covered | None


def data_of(report: ReportInput) -> Data:
    """The funnel from documents to training rows."""
    return Data(tuple(_stages(report)), _covered(report))


def _stages(report: ReportInput) -> Iterator[Left]:
    for name, manifest in report.manifests.items():
        if name.partition("/")[0] in {"evaluate", "retrieve", "exam", "report"}:
            continue
        rows = {key: int(manifest.counts[key]) for key in ROWS if key in manifest.counts}
        dropped = report.rejections.get(name, {})
        if rows or dropped:
            yield Left(name, rows, dropped)


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
    most = sorted(filter(None, map(_untouched, rows)), key=lambda one: -one.untouched)[:LISTED]
    of_all = (len(rows), len(bare), min(pairs), median(pairs), max(pairs), bare, touched)
    return Covered(*of_all, tuple(most))


def _untouched(row: Mapping[str, Any]) -> Untouched | None:
    """None where every sentence is touched, or nobody looked."""
    left = row.get("untouched") or ()
    shown = tuple(map(str, left[:SENTENCES]))
    document, sentences = str(row.get("document", "")), int(row.get("sentences", 0))
    return Untouched(document, len(left), sentences, shown) if left else None
