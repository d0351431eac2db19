"""Marks of the teacher's form that were left in the text, and thinking that was not closed."""

from __future__ import annotations

import re

from closedbook.models.profiles.profile import COMMON_TAGS
from closedbook.records import QAPair

_FORM = re.compile(r"\[/?(?:QUESTION|ANSWER|EVIDENCE|END|NOTHING|SAMPLE)\]")
_THINKING = tuple(mark for pair in COMMON_TAGS for mark in pair)
_FENCE = "```"


def tags(pair: QAPair) -> str:
    text = f"{pair.question}\n{pair.answer}"
    if any(mark in text for mark in _THINKING):
        return "thinking in question or answer"
    if any(mark in pair.reasoning for mark in _THINKING):
        return "a mark within the thinking"
    if _FORM.search(text):
        return "a mark of the form is left"
    if any(part.count(_FENCE) % 2 for part in (pair.question, pair.answer)):
        return "a code block is not closed"
    return ""
