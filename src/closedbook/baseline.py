"""What is known before any training: base and other models sit the exams, closed book, with
retrieval and open book, so that one sees what training could win.

Knows a project and its summary; asks nothing itself. What was answered is kept, so that a later
run asks none of it again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from closedbook import evaluation
from closedbook.config import EndpointModel, HuggingFaceStudent
from closedbook.events import Emit, silent
from closedbook.project import Project
from closedbook.records import BASE, Condition, Result, Summary
from closedbook.store import read_summary

FOLDER = "baseline"


@dataclass(frozen=True, slots=True)
class Headroom:
    """What training could win of an exam under a condition: from the base's accuracy to the best
    that anybody reached who could read the whole document (`ceiling`, by `arm`)."""

    exam: str
    condition: Condition
    base: float
    ceiling: float
    arm: str

    @property
    def points(self) -> float:
        return self.ceiling - self.base


@dataclass(frozen=True, slots=True)
class Baseline:
    """Results of all who need no training, and the headroom where it can be told."""

    summary: Summary
    headroom: tuple[Headroom, ...]


def measure_baseline(project: Project, emit: Emit = silent) -> Baseline:
    """Bring the answers of base and of the untrained models up to date and add them up in
    out/baseline/summary.json. Raises as `Project.run`."""
    arms = [BASE, *_untrained(project)]
    for arm in arms:
        project.run(f"evaluate/{arm}", emit)
    files = {arm: project.place.responses(arm) for arm in arms}
    reviewed = project.config.exam is not None and not project.place.rehearsal
    out = project.place.out / FOLDER
    evaluation.summarise(files, project.config.evaluate, out, reviewed=reviewed)
    summary = read_summary(out / "summary.json")
    return Baseline(summary, tuple(_headroom(summary)))


def _untrained(project: Project) -> Iterator[str]:
    """The models that are there before the project trains anything."""
    root = project.place.root
    made = (root / "out").resolve()
    for name, model in project.config.evaluate.models.items():
        where = ""
        if isinstance(model, EndpointModel):
            where = model.weights
        elif isinstance(model, HuggingFaceStudent):
            where = model.model
        if not (root / where).resolve().is_relative_to(made) or not where:
            yield name


def _headroom(summary: Summary) -> Iterator[Headroom]:
    for exam in summary.exams:
        results = summary.of(exam)
        read = [r for r in results if r.condition == "open_book" and r.accuracy is not None]
        if not read:
            continue
        best = max(read, key=_accuracy)
        for result in results:
            asked = result.arm == BASE and result.condition in ("closed_book", "rag")
            if asked and result.accuracy is not None:
                yield Headroom(exam, result.condition, result.accuracy, _accuracy(best), best.arm)


def _accuracy(result: Result) -> float:
    return result.accuracy or 0.0
