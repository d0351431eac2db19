"""Which state of a training run becomes its result.

Candidates are scored as training passes them; the best so far is kept on disk. Knows nothing of
exams: a judge scores a student, higher is better. Invariant: without candidates the last state is
the result.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import inf
from pathlib import Path
from typing import Any

import torch

from closedbook.config import Train
from closedbook.students import StudentSource
from closedbook.students.student import Student
from closedbook.training.checkpoint import write_tensors
from closedbook.training.loop import Loop
from closedbook.training.planning import Plan
from closedbook.training.ranks import Ranks
from closedbook.training.saving import trained

Judge = Callable[[Student], float]
"""Scores a student in evaluation mode; higher is better."""


@dataclass(slots=True)
class Choice:
    """The best candidate so far: its `score`, the `step` it was reached after (0: none yet), and
    every score by step; its weights lie at `path`."""

    path: Path
    scores: dict[int, float]

    @property
    def step(self) -> int:
        return max(self.scores, key=lambda step: (self.scores[step], -step), default=0)

    def consider(self, step: int, score: float, weights: dict[str, Any], *, keep: bool) -> None:
        """Take the state after `step` if it is better than all before; `keep` writes its weights.
        Raises as `write_tensors`."""
        if keep and score > self.scores.get(self.step, -inf):
            write_tensors(self.path, weights)
        self.scores[step] = score

    def weights(self) -> dict[str, Any]:
        """Those of the best candidate."""
        kept: dict[str, Any] = torch.load(self.path, map_location="cpu", weights_only=True)
        return kept


@dataclass(frozen=True, slots=True)
class Scoring:
    """How candidates are scored: by the `judge`, or without one by their loss on held-out rows."""

    base: StudentSource
    settings: Train
    judge: Judge | None

    def score(self, loop: Loop, plan: Plan, ranks: Ranks) -> tuple[float, dict[str, Any]]:
        """The score, equal on all ranks, and on the first the weights."""
        weights = loop.state()["model"]
        if self.judge is None:
            return -loop.mean_loss(plan.held_out_parts()), weights
        score = 0.0
        if ranks.first:
            student = trained(self.base, self.settings, weights)
            student.model.to(ranks.device)  # type: ignore[arg-type]
            score = self.judge(student)
        return ranks.total(score), weights
