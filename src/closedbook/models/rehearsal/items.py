"""What replies are made of: the facts and gaps of a document, and blocks in the form asked for.

Knows nothing of what is asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from closedbook.models.rehearsal import lexicon
from closedbook.models.rehearsal.asks import turned
from closedbook.models.rehearsal.cloze import Cloze, clozes, english
from closedbook.models.rehearsal.fact import Fact
from closedbook.models.rehearsal.reading import reading
from closedbook.models.rehearsal.sentences import Sentence

Item = Fact | tuple[Cloze, ...]
"""What a question can be made of: a fact, or the gaps of one sentence."""
NOTHING = "[NOTHING]"
UNKNOWN = "I do not know."
MOST_BLOCKS = 80
"""Blocks in one reply; the versions of a longer document go on where the one before ended."""
_ENOUGH_FACTS = 3
"""From this many facts on, common nouns are not asked for: the document has better to offer."""
_SMALL = lexicon.word_list("small")


def content_words(text: str) -> set[str]:
    """The words of a text that carry meaning, in lower case."""
    return {w for w in re.findall(r"\w+", text.lower()) if w not in _SMALL}


def block(**parts: str) -> str:
    """One block of a reply: `[QUESTION] ... [END]`."""
    return "\n".join([*(f"[{tag.upper()}] {text}" for tag, text in parts.items()), "[END]"])


def blocks(texts: Iterable[str]) -> str:
    """A reply of blocks, or that there is nothing."""
    return "\n\n".join(texts) or NOTHING


def window(items: Sequence[Item], version: int) -> list[Item]:
    """The items of one reply."""
    if len(items) <= MOST_BLOCKS:
        return list(items)
    return turned(items, (version - 1) * MOST_BLOCKS)[:MOST_BLOCKS]


def told(text: str, title: str) -> Sequence[tuple[Sentence, tuple[Fact, ...]]]:
    """Every sentence of a text with the facts it states; none of a text that is not English."""
    return reading(text, title) if english(text) else ()


@lru_cache(maxsize=256)
def material(document: str, title: str) -> tuple[tuple[Fact, ...], tuple[tuple[Cloze, ...], ...]]:
    """The facts of a document, and the gaps of each sentence without one."""
    read = told(document, title)
    facts = tuple(fact for _, found in read for fact in found)
    gaps = (clozes(s, telling_only=len(facts) >= _ENOUGH_FACTS) for s, found in read if not found)
    return facts, tuple(gap for gap in gaps if gap)
