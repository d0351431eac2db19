"""Length: what is empty, too short or too long."""

from __future__ import annotations

from closedbook.config import Curate
from closedbook.curation.text import words
from closedbook.records import QAPair


def form(settings: Curate, pair: QAPair) -> str:
    """In characters, without white space at the edges."""
    asked, answered = len(pair.question.strip()), len(pair.answer.strip())
    if not words(pair.question) or not words(pair.answer):
        return "empty question or answer"
    if asked < settings.min_question_characters:
        return "question too short"
    if asked > settings.max_question_characters:
        return "question too long"
    if answered > settings.max_answer_characters:
        return "answer too long"
    return ""
