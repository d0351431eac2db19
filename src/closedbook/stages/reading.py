"""The stages before any training data: documents and exam."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import anyio

from closedbook import documents as reading
from closedbook import evaluation, flows
from closedbook.events import Counts, Emit, Notice
from closedbook.models.context import tokens_beside
from closedbook.models.teacher import look
from closedbook.records import Question, Rejection
from closedbook.stages.asking import asking
from closedbook.stages.setup import Setup
from closedbook.store import Stage, read_rows, to_review


def documents(setup: Setup) -> Stage:
    """Read with the limit that config and profile set; what they leave open the endpoint says."""
    folder = setup.place.root / setup.config.documents

    def make(out: Path, emit: Emit) -> Counts:
        return reading.read_documents(folder, out, emit, limit=_limit(setup, emit))

    limit, unknown = setup.limit, setup.unknown
    served = {role: setup.account.roles[role].model.identity for role in unknown}
    settings = {
        **({"tokens": limit.document} if limit else {}),
        **({"as_served": served} if served else {}),
    }
    return Stage("documents", 3, settings or None, {"documents": folder}, make)


def _limit(setup: Setup, emit: Emit) -> reading.Limit | None:
    limits = [setup.limit] if setup.limit else []
    for role, settings in setup.unknown.items():
        _, served = anyio.run(look, settings)
        if served is None:
            told = "nothing says how much it can read: set its context, or no document is split"
            emit(Notice("documents", f"{role} {settings.model}: {told}"))
        else:
            limits.append(reading.Limit(tokens_beside(served, settings.max_tokens), served))
    return min(limits, key=lambda limit: limit.document, default=None)


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

        def read(out: Path, emit: Emit) -> Counts:
            counts = evaluation.read_exams(exams, place.root, out, emit)
            if setup.config.chosen_by_exam:
                evaluation.to_choose_by(read_rows(out / place.exam.name, Question))
            return counts

        return Stage("exam", 3, settings, files, read)
    names = setup.config.generate.exam_flows
    asked = flows.load_flows(names, flows.TO_EXAMINE, place.root, setup.counted_on)

    def make(out: Path, emit: Emit) -> Counts:
        counts = flows.generate_exam(place.documents, asked, setup.account, out, emit)
        if not counts["questions"]:
            emit(Notice("exam", _no_question(out / "rejections.jsonl")))
        elif not place.rehearsal:
            emit(Notice("exam", f"{setup.unreviewed} To do so, {to_review(place)}."))
        return counts

    return Stage("exam", 3, *asking(setup, asked), make, ("documents",))


def _no_question(rejections: Path) -> str:
    reasons = Counter(row.reason for row in read_rows(rejections, Rejection))
    told = "no question passed, so that there is no exam"
    for reason, count in reasons.most_common(1):
        told += f"; of {reasons.total():,} rejections {count:,} say: {reason}"
    return told
