"""Filters: each says why a pair must go, or "" to keep it.

Reasons are short fixed phrases, so that they can be counted. A project adds its own in a Python
file below `filters/`, with the decorator `FILTERS.register(NAME)`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from closedbook.records import QAPair, Question
from closedbook.registry import Registry

Filter = Callable[[QAPair], str]
FILTERS: Registry[Filter] = Registry("filters")
"""The filters of projects and packages; the built-in ones always run."""

SHARED_WORDS = 12
"""Length of a word run that counts as contamination (GPT-3 used 13, the n-gram overlap of the
literature is 12 or 13)."""

LEAKS = re.compile(
    r"\b(?:the|this|above|given|provided) (?:passage|text|document|excerpt|context)"
    r"(?: above| below| provided| given)?\b"
    r"|\baccording to (?:the|this) (?:passage|text|document|excerpt|context|reference)\b",
    re.IGNORECASE,
)
REFUSALS = re.compile(
    r"^(?:i (?:do not|don't) know|i (?:cannot|can't|am unable|'m sorry|am sorry)|as an ai)\b",
    re.IGNORECASE,
)
WORD = re.compile(r"\w+")


def words(text: str) -> tuple[str, ...]:
    """The words of a text in lower case, without punctuation."""
    return tuple(WORD.findall(text.lower()))


def bad_form(pair: QAPair, max_answer_characters: int) -> str:
    """Empty, over-long, or refused."""
    if not words(pair.question) or not words(pair.answer):
        return "empty question or answer"
    if len(pair.answer) > max_answer_characters:
        return "answer too long"
    if REFUSALS.search(pair.answer.strip()):
        return "the teacher refused"
    return ""


def leak(pair: QAPair) -> str:
    """A question that points at a text its reader will not see cannot be learned closed book."""
    return "refers to an unseen text" if LEAKS.search(f"{pair.question}\n{pair.answer}") else ""


def gives_itself_away(pair: QAPair) -> str:
    """A question that holds its own answer teaches nothing."""
    answer, question = words(pair.answer), words(pair.question)
    runs = {question[i : i + len(answer)] for i in range(len(question) - len(answer) + 1)}
    return "the question holds its answer" if answer in runs else ""


class Repeats:
    """Drops a question of a document that was kept before, whatever its answer."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, tuple[str, ...]], tuple[str, ...]] = {}

    def __call__(self, pair: QAPair) -> str:
        key, answer = (pair.document_id, words(pair.question)), words(pair.answer)
        earlier = self._seen.setdefault(key, answer)
        if earlier is answer:
            return ""
        return "repeated question" if earlier == answer else "repeated question, other answer"


class Contamination:
    """Drops a question that is an exam question, or shares a run of 12 words with one's stem.

    Options are not compared: an exam may well ask for the fact that is taught.
    """

    def __init__(self, exam: Iterable[Question]) -> None:
        self._stems: dict[tuple[str, ...], str] = {}
        for question in exam:
            stem = words(question.question)
            for run in (stem, *_runs(stem)):
                self._stems.setdefault(run, question.question)

    def exam_question(self, pair: QAPair) -> str:
        """The exam question that the pair's question repeats; "" if none."""
        asked = words(pair.question)
        return next((self._stems[run] for run in (asked, *_runs(asked)) if run in self._stems), "")


def _runs(stem: tuple[str, ...]) -> list[tuple[str, ...]]:
    return [stem[i : i + SHARED_WORDS] for i in range(len(stem) - SHARED_WORDS + 1)]
