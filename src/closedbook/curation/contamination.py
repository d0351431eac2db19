"""Whether a text gives away a question of an exam.

It does if it shares a run of 12 words with the question's stem, or is nearly the stem. Options are
not compared: an exam may well ask for the fact that is taught.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from closedbook.curation.alike import Alike
from closedbook.curation.text import runs, words
from closedbook.records import Question

SHARED_WORDS = 12
"""Length of a run that counts (GPT-3 used 13; 12 or 13 in the literature)."""
NEARLY = 0.85
"""Similarity from which a question is nearly a stem. "What year was Heron founded?" and "In what
year was Heron founded?" have 0.89; of the quickstart's 2,808 questions, whose exam is worded
otherwise on purpose, the nearest has 0.79."""


@dataclass(frozen=True, slots=True)
class Hit:
    """The exam's question, and what tells that a text repeats it."""

    question: Question
    why: str


class Contamination:
    """The questions of all exams."""

    def __init__(self, exams: Iterable[Question]) -> None:
        self._questions = list(exams)
        self._runs: dict[tuple[str, ...], int] = {}
        self._alike = Alike(NEARLY)
        self._asked: list[int] = []
        for number, question in enumerate(self._questions):
            # With and without the opening that names the document.
            stems = (question.question, question.question.removeprefix(question.about))
            for stem in filter(words, dict.fromkeys(stems)):
                spoken = words(stem)
                for run in (spoken, *runs(spoken, SHARED_WORDS)):
                    self._runs.setdefault(run, number)
                self._alike.add(stem)
                self._asked.append(number)

    def in_pair(self, asked: str, answer: str) -> Hit | None:
        """What a generated question repeats, or its answer holds."""
        whole = words(asked)
        if (same := self._runs.get(whole)) is not None:
            return Hit(self._questions[same], "the same question")
        if near := self._alike.find(asked):
            return Hit(self._questions[self._asked[near[0]]], "nearly the same question")
        return self.in_text(asked) or self.in_text(answer)

    def in_text(self, text: str) -> Hit | None:
        """The first question of which a text holds a run of 12 words."""
        found = (self._runs.get(run) for run in runs(words(text), SHARED_WORDS))
        number = next((number for number in found if number is not None), None)
        if number is None:
            return None
        return Hit(self._questions[number], f"{SHARED_WORDS} words in a row")
