"""One question of a person's, put to students: from their weights alone, and with what is found for
it in the documents.

Knows how to search and how to ask, not which students there are. Invariant: the question is never
cut; passages that leave it no room are dropped, the worst first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from closedbook.errors import InputError
from closedbook.evaluation.conditions import TOO_LONG
from closedbook.evaluation.retrieving import Searcher
from closedbook.records import Condition, Document, Message, Passage, Question
from closedbook.store import read_rows
from closedbook.students import ask_messages

FREELY = ("-",)
"""In place of options: an answer is written, as long as beside scored ones."""


class Writer(Protocol):
    """A student that can be asked freely."""

    def refusal(self, prompt: Sequence[Message], options: Sequence[str], /) -> str:
        """Why this cannot be asked, "" if it can."""

    def write(self, prompts: Sequence[Sequence[Message]], /) -> list[str]:
        """Free answers."""


@dataclass(frozen=True, slots=True)
class FreeAnswer:
    """What an arm wrote under a condition; `read` are the documents whose passages it had before
    it, the best last."""

    arm: str
    condition: Condition
    text: str
    read: tuple[str, ...] = ()


def find_passages(question: str, documents: Path, searcher: Searcher) -> Sequence[Passage]:
    """What is found for a question in the file of the documents stage, the best first."""
    asked = [Question(document="", question=question)]
    cut = searcher.cut(read_rows(documents, Document))
    (found,) = searcher.best(searcher.candidates(cut, asked), asked)
    return found


def consult(
    question: str, writers: Iterable[tuple[str, Writer]], found: Sequence[Passage]
) -> Iterator[FreeAnswer]:
    """What each of the `writers` (by arm) answers, closed book and with the passages `found` (the
    best first). Raises InputError for a question that cannot be asked at all."""
    for arm, writer in writers:
        conditions: tuple[tuple[Condition, Sequence[Passage]], ...] = (
            ("closed_book", ()),
            ("rag", found[::-1]),
        )
        for condition, passages in conditions:
            kept = _fitting(question, passages, writer)
            (text,) = writer.write([_prompt(question, kept)])
            yield FreeAnswer(arm, condition, text, tuple(passage.title for passage in kept))


def _fitting(question: str, passages: Sequence[Passage], writer: Writer) -> Sequence[Passage]:
    while reason := writer.refusal(_prompt(question, passages), FREELY):
        if reason != TOO_LONG or not passages:
            raise InputError(f"the question cannot be asked: {reason}")
        passages = passages[1:]
    return passages


def _prompt(question: str, passages: Sequence[Passage]) -> tuple[Message, ...]:
    return ask_messages(question, [passage.text for passage in passages])
