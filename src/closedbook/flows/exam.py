"""An exam asked of the teacher, for projects that have none of their own.

Nobody has reviewed these questions. Every one that is written has different options and is there
once in its document; the others are rejections.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from itertools import chain
from pathlib import Path

from closedbook.engine import Account, Row
from closedbook.events import Emit
from closedbook.flows.loading import Flow
from closedbook.flows.stage import FlowStage
from closedbook.records import Document, Question, Rejection
from closedbook.store.rows import write_rows

EXAM_FLOWS = ("exam",)
WRONG = ("wrong_1", "wrong_2", "wrong_3")


def generate_exam(
    documents: Path,
    flows: Sequence[Flow],
    account: Account,
    out: Path,
    emit: Emit,
) -> dict[str, int]:
    """Write exam.jsonl (Question) and rejections.jsonl into `out`; counts and raises as `generate`
    does."""
    with FlowStage("exam", flows, account).run(documents, out, emit) as harvest:
        questions, rejections = _sorted_out(harvest.made("exam", _question))
        rejected = chain(harvest.rejections(), rejections)
        return {
            "questions": write_rows(out / "exam.jsonl", questions),
            "rejected": write_rows(out / "rejections.jsonl", rejected),
            **harvest.leave(out, emit),
        }


def _question(document: Document, _flow: str, row: Row) -> tuple[Document, Question]:
    """The right option's place follows from a hash, so that no habit of the teacher's shows."""
    text, right = row.columns["question"], row.columns["correct"]
    options = sorted(
        [right, *(row.columns[name] for name in WRONG)],
        key=lambda option: hashlib.blake2b(f"{text}\n{option}".encode()).digest(),
    )
    return document, Question.make(
        document=document.title,
        question=text,
        options=tuple(options),
        answer=options.index(right),
    )


def _sorted_out(
    made: Iterable[tuple[Document, Question]],
) -> tuple[list[Question], list[Rejection]]:
    questions: list[Question] = []
    rejections: list[Rejection] = []
    asked: set[tuple[str, str]] = set()
    for document, question in made:
        key = (document.title, _plain(question.question))
        if len(set(map(_plain, question.options))) < len(question.options):
            reason = "two options are the same"
        elif key in asked:
            reason = "the same question again"
        else:
            asked.add(key)
            questions.append(question)
            continue
        raw = "\n".join((question.question, *question.options))
        rejections.append(Rejection("exam", "exam", reason, document.source, raw=raw))
    return questions, rejections


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())
