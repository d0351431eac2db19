"""The stage that tells of all others: the report."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from closedbook import reporting, training
from closedbook.engine import TEACHER
from closedbook.events import Counts, Emit
from closedbook.stages.setup import Setup
from closedbook.store import Stage


def report(setup: Setup, before: Sequence[str]) -> Stage:
    """The page about the stages named `before`."""
    place, config = setup.place, setup.config
    kinds = {"teacher": config.teacher.kind, "student": config.student.kind}
    teacher = setup.account.roles[TEACHER].model
    identities = {"teacher": teacher.identity, "student": setup.identity}

    def make(out: Path, _: Emit) -> Counts:
        page = reporting.gather(
            place.out,
            before,
            title=place.root.resolve().name,
            identities=identities,
            limits=reporting.limits(kinds["student"], reviewed=setup.reviewed),
            banner=reporting.banner(**kinds),
        )
        reporting.write_report(page, place.report)
        reporting.write_plot(place.summary, out / "plot.svg")
        for arm in config.arms:
            training.fill_scores(place.model(arm), arm, page.results)
        return {}

    manifests = {stage: place.out / stage / "manifest.json" for stage in before}
    settings = {**kinds, **identities, "reviewed": setup.reviewed}
    return Stage("report", 1, settings, manifests, make, tuple(before), ("../report.html",))
