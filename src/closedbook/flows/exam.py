"""An exam asked of the teacher, for projects that have none of their own.

Nobody has reviewed these questions. Every one that is written has different options and is there
once in its document; the others are rejections.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from itertools import chain
from pathlib import Path

from closedbook.engine import Account
from closedbook.events import Emit
from closedbook.flows.loading import Flow
from closedbook.flows.stage import FlowStage, Texts
from closedbook.flows.titles import NAMES_ANOTHER, Titles
from closedbook.records import Document, Question, Rejection, plain
from closedbook.store.rows import write_rows

WRONG = ("wrong_1", "wrong_2", "wrong_3")
Made = tuple[Document, Question]


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
        made = chain(harvest.made("exam", _question), harvest.made("short_exam", _short_question))
        questions, rejections = _sorted_out(made, Titles.of(documents))
        return {
            "questions": write_rows(out / "exam.jsonl", questions),
            "rejected": write_rows(
                out / "rejections.jsonl", chain(harvest.rejections(), rejections)
            ),
            **harvest.leave(out, emit),
        }


def _question(document: Document, _flow: str, texts: Texts) -> Made:
    """The right option's place follows from a hash, so that no habit of the teacher's shows."""
    text, right = texts["question"], texts["correct"]
    options = sorted(
        [right, *(texts[name] for name in WRONG)],
        key=lambda option: hashlib.blake2b(f"{text}\n{option}".encode()).digest(),
    )
    return document, Question(
        document=document.title,
        question=text,
        options=tuple(options),
        answer=options.index(right),
        evidence=texts.get("evidence", ""),
    )


def _short_question(document: Document, _flow: str, texts: Texts) -> Made:
    return document, Question(
        document=document.title,
        question=texts["question"],
        accepted=(texts["answer"],),
        evidence=texts["evidence"],
    )


def _sorted_out(made: Iterable[Made], titles: Titles) -> tuple[list[Question], list[Rejection]]:
    questions: list[Question] = []
    rejections: list[Rejection] = []
    asked: set[tuple[str, str]] = set()
    for document, question in made:
        key = (document.title, plain(question.question))
        given = question.options or question.accepted
        if len(set(map(plain, given))) < len(given):
            reason = "two options are the same"
        elif key in asked:
            reason = "the same question again"
        elif titles.misnamed(question.question, document):
            reason = NAMES_ANOTHER
        else:
            asked.add(key)
            questions.append(question)
            continue
        raw = "\n".join((question.question, *given))
        rejections.append(Rejection("exam", "exam", reason, document.source, raw=raw))
    return questions, rejections
