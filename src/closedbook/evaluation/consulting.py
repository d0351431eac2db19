"""One question of a person's, put to students: from their weights alone, and with what is found for
it in the documents.

Knows how to search and how to ask, not which students there are. Invariant: the passages stand
beside the question as in an exam.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from closedbook.config import Retrieval
from closedbook.errors import InputError
from closedbook.evaluation.conditions import Library
from closedbook.evaluation.retrieving import Searcher
from closedbook.records import Condition, Document, Message, Passage, Question
from closedbook.store import read_rows

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
    it, in the prompt's order."""

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
    question: str, writers: Iterable[tuple[str, Writer]], found: Sequence[Passage], how: Retrieval
) -> Iterator[FreeAnswer]:
    """What each of the `writers` (by arm) answers, closed book and with the passages `found` (the
    best first). Raises InputError for a question that cannot be asked at all."""
    asked = Question(document="", question=question, options=FREELY)
    library = Library({}, {asked.id: found}, len(found), how.order, how.titled)
    conditions: tuple[Condition, ...] = ("closed_book", "rag")
    for arm, writer in writers:
        for condition in conditions:
            prompt = library.prompt(asked, condition, "turn", writer.refusal)
            if isinstance(prompt, str):
                raise InputError(f"the question cannot be asked: {prompt}")
            (text,) = writer.write([prompt.messages])
            yield FreeAnswer(arm, condition, text, tuple(read.title for read in prompt.retrieved))
