"""Whether a text gives away a question of an exam.

It does if it shares a run of 12 words with the question's stem, or is nearly the stem. Options are
not compared: an exam may well ask for the fact that is taught. Nor is what only names the document,
the opening or the title: every question about it may hold that.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from closedbook.curation.alike import Alike
from closedbook.curation.text import grams, runs, similarity, words
from closedbook.records import Question

SHARED_WORDS = 12
"""Length of a run that counts (GPT-3 used 13; 12 or 13 in the literature)."""
OWN_WORDS = 6
"""So many words of a run, or all there are, must say more than which document is meant."""
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
                for run in (spoken, *_telling(spoken, question)):
                    self._runs.setdefault(run, number)
                self._alike.add(stem)
                self._asked.append(number)

    def in_pair(self, asked: str, answer: str) -> Hit | None:
        """What a generated question repeats, or its answer holds."""
        whole = words(asked)
        if (same := self._runs.get(whole)) is not None:
            return Hit(self._questions[same], "the same question")
        near = (self._questions[self._asked[place]] for place in self._alike.find(asked))
        if question := next((one for one in near if _is_near(asked, one)), None):
            return Hit(question, "nearly the same question")
        return self.in_text(asked) or self.in_text(answer)

    def in_text(self, text: str) -> Hit | None:
        """The first question of which a text holds a run of 12 words."""
        found = (self._runs.get(run) for run in runs(words(text), SHARED_WORDS))
        number = next((number for number in found if number is not None), None)
        if number is None:
            return None
        return Hit(self._questions[number], f"{SHARED_WORDS} words in a row")


def _telling(spoken: tuple[str, ...], question: Question) -> Iterator[tuple[str, ...]]:
    """The runs of a stem that say more than which document is meant."""
    own = [True] * len(spoken)
    for name in filter(None, (words(question.about), words(question.document))):
        for start, run in enumerate(runs(spoken, len(name))):
            if run == name:
                own[start : start + len(name)] = [False] * len(name)
    least = min(OWN_WORDS, sum(own))
    for start, run in enumerate(runs(spoken, SHARED_WORDS)):
        if sum(own[start : start + SHARED_WORDS]) >= least:
            yield run


def _is_near(asked: str, question: Question) -> bool:
    """Whether a text that is nearly the stem is so without the opening that both have."""
    stem, opening = question.question, question.about
    if not opening or not (asked.startswith(opening) and stem.startswith(opening)):
        return True
    bare = (grams(text.removeprefix(opening)) for text in (asked, stem))
    return similarity(*bare) >= NEARLY
