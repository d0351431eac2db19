"""What the report is made from, read from where the stages left it.

Knows the files below `out/` (docs/architecture.md), not what they are made of. A file that a stage
did not leave is simply not shown.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from closedbook.records import Passage, Question, Rejection, Summary
from closedbook.reporting.costs import Costs, costs_of
from closedbook.reporting.samples import Samples, draw_samples
from closedbook.store import Manifest, read_json, read_manifest, read_summary, rows_if_any


@dataclass(frozen=True, slots=True)
class About:
    """What the page says of the project besides its results. `identities` says who taught and who
    learned, name to value; `limits` are paragraphs on what the result does not show; `banner`
    stands above everything; `config` is the resolved one."""

    title: str
    identities: Mapping[str, str] = field(default_factory=dict)
    limits: Sequence[str] = ()
    banner: str = ""
    config: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ReportInput:
    """Everything on the page.

    By stage: `manifests`, `rejections` (counted by reason); of those of curate also `by_filter`. By
    arm: `responses` (the files),
    `mixtures` (source to counts) and `losses` (after each step). By id: `passages`, and `evidence`
    of questions. `coverage` is a line per document.
    """

    about: About
    results: Summary
    responses: Mapping[str, Path]
    manifests: Mapping[str, Manifest]
    rejections: Mapping[str, Mapping[str, int]]
    by_filter: Mapping[str, int]
    mixtures: Mapping[str, Mapping[str, Mapping[str, Any]]]
    losses: Mapping[str, Sequence[float]]
    passages: Mapping[str, Passage]
    evidence: Mapping[str, str]
    coverage: Sequence[Mapping[str, Any]]
    samples: Samples
    costs: Costs


def gather(
    out: Path, stages: Iterable[str], about: About, journal: Path | None = None
) -> ReportInput:
    """The report's input from the stages of these names ("documents", "mix/customised", ...) below
    `out`, and the journal of what models were asked. Raises InputError without a summary."""
    names = tuple(stages)
    manifests = {name: found for name in names if (found := read_manifest(out / name))}
    tables = {arm: read_json(out / "mix" / arm / "table.json") for arm in _arms(names, "mix")}
    steps = {arm: _lines(out / "train" / arm / "loss.jsonl") for arm in _arms(names, "train")}
    return ReportInput(
        about=about,
        results=read_summary(out / "evaluate" / "summary.json"),
        responses={
            arm: out / "evaluate" / arm / "responses.jsonl" for arm in _arms(names, "evaluate")
        },
        manifests=manifests,
        rejections={name: _counted(out / name, "reason") for name in names},
        by_filter=_counted(out / "curate", "step"),
        mixtures={arm: table for arm, table in tables.items() if table},
        losses={arm: [step["loss"] for step in taken] for arm, taken in steps.items() if taken},
        passages={row.id: row for row in rows_if_any(out / "retrieve" / "passages.jsonl", Passage)},
        evidence={
            row.id: row.evidence for row in rows_if_any(out / "exam" / "exam.jsonl", Question)
        },
        coverage=_lines(out / "curate" / "coverage.jsonl"),
        samples=draw_samples(out),
        costs=costs_of(manifests, journal),
    )


def _arms(names: Iterable[str], kind: str) -> list[str]:
    """The arms that have a stage of this kind: "raw" of "mix/raw"."""
    return [name.removeprefix(f"{kind}/") for name in names if name.startswith(f"{kind}/")]


def _lines(path: Path) -> list[dict[str, Any]]:
    return list(rows_if_any(path, dict[str, Any]))


def _counted(stage: Path, by: Literal["reason", "step"]) -> dict[str, int]:
    rows = rows_if_any(stage / "rejections.jsonl", Rejection)
    return dict(Counter(row.reason if by == "reason" else row.step for row in rows).most_common())
