"""Questions that hold their own answer: they teach nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from closedbook.config import Curate
from closedbook.curation.text import runs, words
from closedbook.records import Document, QAPair


def giveaway(_: Curate, __: Mapping[str, Document]) -> Callable[[QAPair], str]:
    def gives_itself_away(pair: QAPair) -> str:
        answer, question = words(pair.answer), words(pair.question)
        return "the question holds its answer" if answer in runs(question, len(answer)) else ""

    return gives_itself_away
