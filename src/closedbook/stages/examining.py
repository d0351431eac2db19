"""The stages that measure: every arm sits the exams, and the results are summarised."""

from __future__ import annotations

from pathlib import Path

from closedbook import evaluation
from closedbook.events import Counts, Emit
from closedbook.stages.setup import Setup
from closedbook.store import Stage
from closedbook.students import RETENTION, UNREPLAYED

REHEARSED_QUESTIONS = 100


def sit_exams(setup: Setup, name: str) -> Stage:
    """One arm sits the exam; a rehearsal student also what it may have forgotten, closed book."""
    place, settings, student = setup.place, setup.config.evaluate, setup.student_of(name)
    # Only the built-in student comes with questions about what it knew before.
    known = setup.config.student.kind == "rehearsal" and setup.reviewed
    retention = {"retention": RETENTION, "unreplayed": UNREPLAYED} if known else {}
    inputs = {"documents": place.documents, "exam": place.exam, **retention}
    after = ["documents", "exam"]
    if name != "base":
        inputs["model"] = place.trained(name)
        after.append(f"train/{name}")

    def make(out: Path, emit: Emit) -> Counts:
        own = _exams(setup)
        others = [
            evaluation.Exam.stored(exam, file, ("closed_book",)) for exam, file in retention.items()
        ]
        examinee = evaluation.LocalExaminee.load(student, settings.answer_tokens)
        return evaluation.answer_exams(
            [*own, *others], name, examinee, place.documents, settings, out, emit
        )

    asked = settings.model_dump(exclude={"resamples", "seed"})
    identified = {**asked, "student": setup.identity, "reviewed": setup.reviewed}
    return Stage(f"evaluate/{name}", 3, identified, inputs, make, tuple(after))


def _exams(setup: Setup) -> list[evaluation.Exam]:
    """The sealed questions of every exam; of a generated one all, under a name that says so."""
    file, conditions = setup.place.exam, setup.config.evaluate.conditions
    if setup.reviewed:
        return list(evaluation.sealed_exams(file, conditions))
    limit = REHEARSED_QUESTIONS if setup.place.rehearsal else None
    return [evaluation.Exam.stored("unreviewed", file, conditions, limit)]


def summarise(setup: Setup) -> Stage:
    settings, reviewed = setup.config.evaluate, setup.reviewed
    files = {arm: setup.place.responses(arm) for arm in setup.examined}

    def make(out: Path, _: Emit) -> Counts:
        return evaluation.summarise(files, settings, out, reviewed=reviewed)

    drawn = {"resamples": settings.resamples, "seed": settings.seed, "reviewed": reviewed}
    after = tuple(f"evaluate/{arm}" for arm in setup.examined)
    return Stage("evaluate", 2, drawn, files, make, after)
