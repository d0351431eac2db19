"""What the report is made from, read from where the stages left it.

Knows the files below `out/` (docs/architecture.md), not what they are made of. A file that a stage
did not leave is simply not shown.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from closedbook.records import Rejection, Summary
from closedbook.store import Manifest, read_json, read_manifest, read_rows, read_summary


@dataclass(frozen=True, slots=True)
class ReportInput:
    """Everything on the page. `identities` says who taught and who learned, name to value;
    `limits` are paragraphs on what the result does not show; `banner` stands above everything.

    By stage: `manifests`, `rejections` (counted by reason). By arm: `responses` (the files),
    `mixtures` (source to counts) and `losses` (after each step).
    """

    title: str
    results: Summary
    responses: Mapping[str, Path]
    manifests: Mapping[str, Manifest]
    rejections: Mapping[str, Mapping[str, int]]
    mixtures: Mapping[str, Mapping[str, Mapping[str, Any]]]
    losses: Mapping[str, Sequence[float]]
    identities: Mapping[str, str]
    limits: Sequence[str] = ()
    banner: str = ""


def gather(
    out: Path,
    stages: Iterable[str],
    *,
    title: str,
    identities: Mapping[str, str],
    limits: Sequence[str] = (),
    banner: str = "",
) -> ReportInput:
    """The report's input from the stages of these names ("documents", "mix/customised", ...) below
    `out`. Raises InputError without a summary."""
    names = tuple(stages)
    manifests = {name: read_manifest(out / name) for name in names}
    tables = {arm: read_json(out / "mix" / arm / "table.json") for arm in _arms(names, "mix")}
    losses = {arm: _losses(out / "train" / arm / "loss.jsonl") for arm in _arms(names, "train")}
    return ReportInput(
        title=title,
        results=read_summary(out / "evaluate" / "summary.json"),
        responses={
            arm: out / "evaluate" / arm / "responses.jsonl" for arm in _arms(names, "evaluate")
        },
        manifests={name: found for name, found in manifests.items() if found},
        rejections={name: _reasons(out / name / "rejections.jsonl") for name in names},
        mixtures={arm: table for arm, table in tables.items() if table},
        losses={arm: values for arm, values in losses.items() if values},
        identities=identities,
        limits=limits,
        banner=banner,
    )


def _arms(names: Iterable[str], kind: str) -> list[str]:
    """The arms that have a stage of this kind: "raw" of "mix/raw"."""
    return [
        arm for name in names for stage, _, arm in [name.partition("/")] if stage == kind and arm
    ]


@dataclass(frozen=True, slots=True)
class _Step:
    """What we need of a line of loss.jsonl."""

    loss: float


def _losses(path: Path) -> list[float]:
    return [step.loss for step in read_rows(path, _Step)] if path.is_file() else []


def _reasons(path: Path) -> dict[str, int]:
    if not path.is_file():
        return {}
    counted = Counter(rejection.reason for rejection in read_rows(path, Rejection))
    return dict(counted.most_common())
