"""What is known before any training: base and other models sit the exams, closed book, with
retrieval and open book, so that one sees what training could win.

Knows a project and its summary; asks nothing itself. What was answered is kept, so that a later
run asks none of it again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from closedbook import evaluation
from closedbook.config import EndpointModel, Evaluate, HuggingFaceStudent
from closedbook.errors import UserError
from closedbook.evaluation.cells import Cell, read_cells
from closedbook.evaluation.measuring import compared
from closedbook.evaluation.significance import Flipping
from closedbook.events import Emit, silent
from closedbook.hints import command
from closedbook.project import Project
from closedbook.records import BASE, Condition, Interval, Result, Summary, in_words
from closedbook.store import Place, read_summary, to_review


@dataclass(frozen=True, slots=True)
class Headroom:
    """What training could win of an exam under a condition: from the base's accuracy to the best
    that any of `readers` reached who could read the whole document (`ceiling`, by `arm`). `points`
    are of the questions that both answered, with their interval."""

    exam: str
    condition: Condition
    base: float
    ceiling: float
    arm: str
    readers: int
    points: float
    interval: Interval

    @property
    def told(self) -> str:
        low, high = (100 * end for end in self.interval)
        best = f", the best of {self.readers}" if self.readers > 1 else ""
        won = "training could win" if low > 0 else "it is unclear that training could win anything:"
        return (
            f"{self.exam}, {in_words(self.condition)}: {won} {100 * self.points:.1f} points "
            f"({low:.1f} to {high:.1f}), from {self.base:.1%} (base) to {self.ceiling:.1%} "
            f"({self.arm}, open book{best})"
        )


@dataclass(frozen=True, slots=True)
class Baseline:
    """Results of all who need no training, and the headroom where it can be told."""

    summary: Summary
    headroom: tuple[Headroom, ...]


def measure_baseline(project: Project, emit: Emit = silent) -> Baseline:
    """Bring the answers of base and of the untrained models up to date and add them up in
    out/baseline/summary.json. Raises UserError where there is no exam that a person has reviewed:
    one would have to be bought, and no accuracy be told. Otherwise raises as `Project.run`."""
    if project.unreviewed:
        told = "a baseline needs an exam that a person has reviewed"
        raise UserError(told, hint=_way_on(project.place))
    arms = [BASE, *_untrained(project)]
    for arm in arms:
        project.run(f"evaluate/{arm}", emit)
    files = {arm: project.place.responses(arm) for arm in arms}
    out = project.place.out / "baseline"
    evaluation.summarise(files, project.config.evaluate, out)
    summary = read_summary(out / "summary.json")
    return Baseline(summary, tuple(find_headroom(summary, files, project.config.evaluate)))


def _way_on(place: Place) -> str:
    write = "write questions into a file and name it as `exam`, or have the teacher write some "
    write += f"({command('run exam')}: that is paid for) and "
    return to_review(place) if place.has_exam else write + to_review(place)


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


def find_headroom(
    summary: Summary, files: Mapping[str, Path], settings: Evaluate
) -> Iterator[Headroom]:
    """The headroom of every exam that somebody sat open book; `files` are the arms' responses."""
    cells = read_cells(files)
    how = Flipping(settings.resamples, settings.seed)
    for exam in summary.exams:
        results = summary.of(exam)
        read = [r for r in results if r.condition == "open_book" and r.accuracy is not None]
        if not read:
            continue
        best = max(read, key=_accuracy)
        top: Cell = (exam, best.arm, "open_book")
        for result in results:
            if result.arm != BASE or result.condition not in ("closed_book", "rag"):
                continue
            start: Cell = (exam, BASE, result.condition)
            for found in compared([((top, cells[top]), (start, cells[start]))], how):
                yield Headroom(
                    exam,
                    result.condition,
                    base=_accuracy(result),
                    ceiling=_accuracy(best),
                    arm=best.arm,
                    readers=len(read),
                    points=found.difference,
                    interval=found.interval,
                )


def _accuracy(result: Result) -> float:
    return result.accuracy or 0.0
