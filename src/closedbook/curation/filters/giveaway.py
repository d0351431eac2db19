"""Questions that hold their own answer: they teach nothing."""

from __future__ import annotations

from closedbook.curation.text import runs, words
from closedbook.records import QAPair


def giveaway(pair: QAPair) -> str:
    answer, question = words(pair.answer), words(pair.question)
    return "the question holds its answer" if answer in runs(question, len(answer)) else ""
