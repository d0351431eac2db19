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
    """The exams of the config, or one asked of the teacher."""
    place = setup.place
    if exams := setup.config.every_exam:
        files = {
            f"{name}: {file.name}": file
            for name, settings in exams.items()
            for file in evaluation.files_of(settings, place.root)
        }
        settings = {name: exam.model_dump(mode="json") for name, exam in exams.items()}
        read = partial(evaluation.read_exams, exams, place.root)
        return Stage("exam", 2, settings, files, read)
    asked = flows.load_flows(flows.EXAM_FLOWS, flows.TO_EXAMINE, place.root)
    make = partial(flows.generate_exam, place.documents, asked, setup.account)
    return asking("exam", setup, asked, make)
