"""The whole path, from documents to report: read this first.

Stages meet only through files below `out/`; what a stage reads decides when it is done again.
How each is wired to its room stands in `stages`.
"""

from __future__ import annotations

from collections.abc import Iterator

from closedbook import stages
from closedbook.stages import Setup
from closedbook.store import Stage


def stages_of(setup: Setup) -> Iterator[Stage]:
    """Every stage of a project, each after those whose files it reads."""
    before: list[Stage] = []
    for stage in _until_report(setup):
        before.append(stage)
        yield stage
    yield stages.report(setup, [stage.name for stage in before])


def _until_report(setup: Setup) -> Iterator[Stage]:
    yield stages.documents(setup)
    yield stages.exam(setup)
    yield stages.generate(setup)
    yield stages.curate(setup)
    for arm in setup.config.arms:
        yield stages.mix(setup, arm)
    for arm in setup.config.arms:
        yield stages.train(setup, arm)
    yield stages.retrieve(setup)
    for arm in setup.examined:
        yield stages.sit_exams(setup, arm)
    yield stages.summarise(setup)
