"""The rehearsal teacher's answers: to a question, among options, and what it thinks on the way.

A question in the teacher's own words is known by them, any other by the words it shares with them.
Where the document does not answer it, the reply says so.
"""

from __future__ import annotations

import re
from functools import lru_cache

from closedbook.models.rehearsal.brief import Brief, unnamed
from closedbook.models.rehearsal.cloze import cloze_question
from closedbook.models.rehearsal.items import NOTHING, UNKNOWN, block, content_words, material
from closedbook.models.rehearsal.wording import questions, reverse_questions

_OPTION = re.compile(r"^([A-Z])[).:] *(.+)$", re.MULTILINE)
_SOURCE = re.compile(
    r"(?:as |according to )?(?:the|this) (?:given |provided )?"
    r"(?:document|passage|text|article|excerpt|reference|context)(?: above| below)?"
    r"(?: (?:says|states|mentions|tells us)(?: that)?)?[,:]? *",
    re.IGNORECASE,
)
_ALIKE = 0.6
_VERSIONS = 8
Found = tuple[str, str]
"""A value and the sentence that tells it."""


def answer(brief: Brief) -> str:
    """The value of the fact the question asks for, else "I do not know."."""
    found = _found(brief)
    return found[0] if found else UNKNOWN


def answer_in_form(brief: Brief) -> str:
    """The same as a block, else [NOTHING]."""
    found = _found(brief)
    return block(answer=found[0]) if found else NOTHING


def open_book(brief: Brief) -> str:
    """The letter of the option that is the answer, or the answer itself where there are none."""
    found = _found(brief)
    if "options" not in brief.material:
        return block(open_book=found[0] if found else "UNKNOWN")
    options = {
        text.strip().lower(): letter for letter, text in _OPTION.findall(brief.material["options"])
    }
    return block(open_book=options.get(found[0].lower(), "NONE") if found else "NONE")


def closed_book(_brief: Brief) -> str:
    """Without a document it knows nothing."""
    return block(closed_book="UNKNOWN")


def rewritten(brief: Brief) -> str:
    """Thinking and answer without the phrases that point at a text."""
    given = (brief.material.get(name, "") for name in ("thinking", "answer"))
    thinking, said = (_SOURCE.sub("", text).strip() for text in given)
    return block(clean_thinking=thinking, clean_answer=said)


def thoughts(brief: Brief) -> str:
    """What it would have thought: for a question, the sentence that answers it."""
    found = _found(brief) if brief.question and brief.document else None
    if found is None:
        return "I look for what is asked, and reply by rule."
    return (
        f"The question is: {brief.question} I recall this: {found[1]} So the answer is {found[0]}."
    )


def _found(brief: Brief) -> Found | None:
    question = unnamed(brief.question)
    own = _own_questions(brief.document, brief.title)
    return own.get(question) or _alike(brief, question)


@lru_cache(maxsize=64)
def _own_questions(document: str, title: str) -> dict[str, Found]:
    """Every question that the teacher itself asks about a document."""
    facts, gaps = material(document, title)
    own: dict[str, Found] = {}
    for cloze in (cloze for gap in gaps for cloze in gap):
        for version in range(1, _VERSIONS + 1):
            question = cloze_question(cloze, title, version)
            own.setdefault(question, (cloze.answer, cloze.evidence))
    for fact in facts:
        for question in questions(fact):
            own.setdefault(question, (fact.value, fact.evidence))
        for question in reverse_questions(fact):
            own.setdefault(question, (fact.subject, fact.evidence))
    return own


def _alike(brief: Brief, question: str) -> Found | None:
    asked = content_words(question)
    best, score = None, _ALIKE
    for fact in material(brief.document, brief.title)[0]:
        if not content_words(fact.subject) & asked:
            continue
        for worded in questions(fact):
            words = content_words(worded)
            alike = len(asked & words) / len(asked | words)
            if alike > score:
                best, score = (fact.value, fact.evidence), alike
    return best
