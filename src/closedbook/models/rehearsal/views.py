"""The rehearsal teacher's views of a document: summaries, lists of facts, study texts.

Plain restatements of what it read, whatever manner is asked for.
"""

from __future__ import annotations

import hashlib
import re

from closedbook.models.rehearsal.asks import turned
from closedbook.models.rehearsal.brief import Brief
from closedbook.models.rehearsal.items import NOTHING, material, told
from closedbook.models.rehearsal.reading import read_facts
from closedbook.models.rehearsal.replies import retold
from closedbook.models.rehearsal.wording import restatements

_MANNERS = 7
_YEAR = re.compile(r"\b[12]\d{3}\b")


def extract(brief: Brief) -> str:
    """The sentences of the document that state most, in order."""
    read = told(brief.document, brief.title)
    ranked = sorted(range(len(read)), key=lambda i: (-len(read[i][1]), i))
    chosen = sorted(ranked[: max(2, len(read) // 3)])
    return " ".join(read[i][0].text for i in chosen) or NOTHING


def summary(brief: Brief) -> str:
    """Every fact once, as it was read."""
    return " ".join(_statements(brief)) or NOTHING


def facts(brief: Brief) -> str:
    """The same as a list."""
    return "\n".join(f"- {text}" for text in _statements(brief)) or NOTHING


def strategies(brief: Brief) -> str:
    """Tasks about the subjects of the document."""
    found, gaps = material(brief.document, brief.title)
    subjects = list(dict.fromkeys(fact.subject for fact in found))[:3]
    tasks = [
        f"Tell all that is known of {subject} in sentences of your own." for subject in subjects
    ]
    if found or gaps:
        tasks.append(f"Go through {brief.title} from the end to the beginning and tell it again.")
    return "\n".join(f"- {task}" for task in tasks) or NOTHING


def note(brief: Brief) -> str:
    """The document told again, in an order and in words that depend on the strategy."""
    strategy = brief.material["strategy"]
    manner = hashlib.blake2b(strategy.encode(), digest_size=2).digest()[0] % _MANNERS + 1
    texts = retold(brief.document, brief.title, manner)
    if "timeline" in strategy.lower():
        texts.sort(key=lambda text: found[0] if (found := _YEAR.search(text)) else "9")
    else:
        texts = turned(texts, manner * len(texts) // _MANNERS)
    return f"This is about {brief.title}. {' '.join(texts)}" if texts else NOTHING


def _statements(brief: Brief) -> list[str]:
    """The facts of a document as sentences from which they can be read again, and its other
    sentences as they are."""
    stated: list[str] = []
    for sentence, found in told(brief.document, brief.title):
        for fact in found:
            worded = (
                text
                for text in restatements(fact)
                if any(read.value == fact.value for read in read_facts(text, brief.title))
            )
            stated.append(next(worded, fact.evidence))
        if not found and sentence.complete:
            stated.append(sentence.text)
    return list(dict.fromkeys(stated))
