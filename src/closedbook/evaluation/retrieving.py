"""What is found for each question of the exams, once for all arms.

Knows exams and an index, not who reads what is found. Leaves the passages and, per question, their
ids, the best first. Invariant: every question has a row, though nothing may have been found.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from closedbook.config import Evaluate
from closedbook.evaluation.conditions import Library, holds, whole_documents
from closedbook.events import Counts, Emit, Notice
from closedbook.records import Document, Passage, Question
from closedbook.retrieval import LexicalIndex, passages
from closedbook.store import read_rows, write_rows

PASSAGES = "passages.jsonl"
FOUND = "found.jsonl"


@dataclass(frozen=True, slots=True)
class Found:
    """Ids of the passages found for a question, the best first."""

    question_id: str
    passages: tuple[str, ...]


def retrieve(documents: Path, exam: Path, settings: Evaluate, out: Path, emit: Emit) -> Counts:
    """Write passages.jsonl and found.jsonl into `out`. Counts say how often the right document and
    the evidence were among what was found."""
    read = list(read_rows(documents, Document))
    cut = [part for document in read for part in passages(document, settings.passage_characters)]
    questions = list(read_rows(exam, Question))
    with LexicalIndex(cut) as index:
        found = [index.search(item.question, settings.retrieved) for item in questions]
    rows = [
        Found(question.id, tuple(passage.id for passage in best))
        for question, best in zip(questions, found, strict=True)
    ]
    known = {document.title for document in read} | {document.part_of for document in read}
    missing = {item.document for item in questions} - known - {""}
    if missing:
        emit(Notice("retrieve", f"{len(missing)} documents that questions name are not there"))
    write_rows(out / PASSAGES, cut)
    write_rows(out / FOUND, rows)
    return {
        "passages": len(cut),
        "questions": len(rows),
        "documents_missing": len(missing),
        **_recall(zip(questions, found, strict=True)),
    }


def read_found(folder: Path) -> dict[str, list[Passage]]:
    """The passages found for each question, by its id."""
    known = {passage.id: passage for passage in read_rows(folder / PASSAGES, Passage)}
    return {
        row.question_id: [known[identity] for identity in row.passages]
        for row in read_rows(folder / FOUND, Found)
    }


def open_library(documents: Path, folder: Path, settings: Evaluate) -> Library:
    """The documents, and what `retrieve` left in its folder."""
    whole = whole_documents(read_rows(documents, Document))
    return Library(whole, read_found(folder), settings.retrieved)


def _recall(pairs: Iterable[tuple[Question, list[Passage]]]) -> dict[str, int]:
    """Of the questions that name a document or quote evidence, for how many it was found."""
    counts = dict.fromkeys(("naming", "right_document", "quoting", "evidence"), 0)
    for question, best in pairs:
        counts["naming"] += bool(question.document)
        counts["right_document"] += bool(question.document) and any(
            passage.title == question.document for passage in best
        )
        counts["quoting"] += bool(question.evidence)
        counts["evidence"] += any(holds(passage.text, question.evidence) for passage in best)
    return counts
