"""The rehearsal teacher: a deterministic, rule-based stand-in for a language model.

It reads plain English with rules and lists of common words; it is not a language model, and nothing
may present it as one.
"""

from closedbook.models.rehearsal.fact import Fact
from closedbook.models.rehearsal.reading import read_facts
from closedbook.models.rehearsal.teacher import RehearsalTeacher
from closedbook.models.rehearsal.wording import questions, restatements, reverse_questions

__all__ = [
    "Fact",
    "RehearsalTeacher",
    "questions",
    "read_facts",
    "restatements",
    "reverse_questions",
]
