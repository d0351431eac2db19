"""Where a project is on disk, and where each stage leaves what others read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from shlex import quote
from typing import Self

from closedbook.hints import path_shown

STATE = ".closedbook"
"""The folder of what a project keeps besides its results."""


def journal_path(root: Path, *, rehearsal: bool) -> Path:
    """What the built-in teacher says is kept apart from what was paid for."""
    return root / STATE / ("rehearsal.sqlite" if rehearsal else "journal.sqlite")


@dataclass(frozen=True, slots=True)
class Place:
    """The project folder `root`, the folder `out` of the results, the `journal`.

    `rehearsal` marks a check of the plumbing, whose results hold no accuracy.
    """

    root: Path
    out: Path
    journal: Path
    rehearsal: bool = False

    @classmethod
    def of(cls, root: Path, *, rehearsed: bool) -> Self:
        """Of the project at `root`; `rehearsed` says that the built-in teacher writes."""
        return cls(root, root / "out", journal_path(root, rehearsal=rehearsed))

    @property
    def documents(self) -> Path:
        return self.out / "documents" / "documents.jsonl"

    @property
    def exam(self) -> Path:
        return self.out / "exam" / "exam.jsonl"

    @property
    def has_exam(self) -> bool:
        """Whether any question is there."""
        return self.exam.is_file() and self.exam.stat().st_size > 0

    @property
    def retrieved(self) -> Path:
        return self.out / "retrieve"

    @property
    def said(self) -> Path:
        """What local models answered before."""
        return self.root / STATE / "said.sqlite"

    @property
    def generated(self) -> Path:
        return self.out / "generate"

    @property
    def curated(self) -> Path:
        return self.out / "curate"

    @property
    def summary(self) -> Path:
        return self.out / "evaluate" / "summary.json"

    @property
    def report(self) -> Path:
        return self.out / "report.html"

    def mixture(self, arm: str) -> Path:
        return self.out / "mix" / arm / "rows.jsonl"

    def encoded(self, arm: str) -> Path:
        """The folder of the same rows with their token ids and labels."""
        return self.out / "mix" / arm / "encoded"

    def model(self, arm: str) -> Path:
        return self.out / "train" / arm / "model"

    def trained(self, arm: str) -> Path:
        """What tells an arm's model from any other, apart from its card."""
        return self.out / "train" / arm / "student.json"

    def responses(self, arm: str) -> Path:
        return self.out / "evaluate" / arm / "responses.jsonl"


def to_review(place: Place) -> str:
    """What a person does about an exam that a teacher generated."""
    root = path_shown(place.root)
    there = "" if root == "." else f" -p {quote(root)}"
    return f"read {path_shown(place.exam)}, then run `closedbook exam accept{there}`"


def knowledge_files(folder: Path) -> Mapping[str, Path]:
    """What generate and curate leave in their folders, by name."""
    return {name: folder / f"{name}.jsonl" for name in ("pairs", "study")}
