"""The stage that tells of all others: the report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from closedbook import reporting, training
from closedbook.config import HuggingFaceStudent
from closedbook.engine import TEACHER
from closedbook.events import Counts, Emit, Notice
from closedbook.reporting.lineage import without_secrets
from closedbook.stages.setup import Setup
from closedbook.store import Stage, read_summary


def report(setup: Setup, before: Sequence[str]) -> Stage:
    """The page about the stages named `before`, the plot as SVG and PNG, and the scores in the
    trained students' cards."""
    place, config = setup.place, setup.config
    kinds = {"teacher": config.teacher.kind, "student": config.student.kind}
    teacher = setup.account.roles[TEACHER].model
    identities = {"teacher": teacher.identity, "student": _named(setup)}
    about = reporting.About(
        title=place.root.resolve().name,
        identities=identities,
        banner=reporting.banner(**kinds),
        config=config.model_dump(mode="json"),
    )

    def make(out: Path, emit: Emit) -> Counts:
        summary = read_summary(place.summary)
        main = summary.of(next(iter(summary.exams), ""))
        options = any(row.chance for row in main)
        limits = reporting.limits(**kinds, unreviewed=setup.unreviewed, options=options)
        told = replace(about, limits=limits)
        page = reporting.gather(place.out, before, told, place.journal)
        reporting.write_report(page, place.report)
        if not reporting.write_plot(place.summary, out):
            emit(Notice("report", "no plot.png: this machine has no font to write with"))
        for arm in config.arms:
            training.fill_scores(place.model(arm), arm, summary)
        return {}

    manifests = {stage: place.out / stage / "manifest.json" for stage in before}
    shown = without_secrets(about.config)
    known = {**kinds, **identities, "unreviewed": setup.unreviewed, "config": shown}

    def settings() -> dict[str, object]:
        """Models may be asked between two runs, or by another command."""
        return {**known, "accounts": reporting.accounts_of(place.journal)}

    return Stage("report", 6, settings, manifests, make, tuple(before), ("../report.html",))


def _named(setup: Setup) -> str:
    """The student by name, with what tells its weights from any other's."""
    student, identity = setup.config.student, setup.identity
    name = student.model if isinstance(student, HuggingFaceStudent) else "the built-in student"
    return identity if identity.startswith(name) else f"{name} ({identity})"
