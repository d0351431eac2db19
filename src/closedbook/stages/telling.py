"""The stage that tells of all others: the report."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from closedbook import reporting, training
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
    identities = {"teacher": teacher.identity, "student": setup.identity}
    about = reporting.About(
        title=place.root.resolve().name,
        identities=identities,
        limits=reporting.limits(kinds["student"], unreviewed=setup.unreviewed),
        banner=reporting.banner(**kinds),
        config=config.model_dump(mode="json"),
    )

    def make(out: Path, emit: Emit) -> Counts:
        page = reporting.gather(place.out, before, about, place.journal)
        reporting.write_report(page, place.report)
        if not reporting.write_plot(place.summary, out):
            emit(Notice("report", "no plot.png: this machine has no font to write with"))
        summary = read_summary(place.summary)
        for arm in config.arms:
            training.fill_scores(place.model(arm), arm, summary)
        return {}

    manifests = {stage: place.out / stage / "manifest.json" for stage in before}
    shown = without_secrets(about.config)
    settings = {**kinds, **identities, "unreviewed": setup.unreviewed, "config": shown}
    return Stage("report", 4, settings, manifests, make, tuple(before), ("../report.html",))
