"""The stages before any training data: documents and exam."""

from __future__ import annotations

from functools import partial

from closedbook import documents as reading
from closedbook import evaluation, flows
from closedbook.stages.asking import asking
from closedbook.stages.setup import Setup
from closedbook.store import Stage


def documents(setup: Setup) -> Stage:
    folder = setup.place.root / setup.config.documents
    limit = setup.limit
    make = partial(reading.read_documents, folder, limit=limit)
    settings = {"tokens": limit.document} if limit else None
    return Stage("documents", 2, settings, {"documents": folder}, make)


def exam(setup: Setup) -> Stage:
    """The project's own exam, or one asked of the teacher."""
    place = setup.place
    if setup.config.exam is not None:
        file = place.root / setup.config.exam
        return Stage("exam", 2, None, {"exam": file}, partial(evaluation.copy_exam, file))
    asked = flows.load_flows(flows.EXAM_FLOWS, flows.TO_EXAMINE, place.root)
    make = partial(flows.generate_exam, place.documents, asked, setup.account)
    return asking("exam", setup, asked, make)
