"""How curation compares texts: by words, and by the stretches of characters that they share."""

from __future__ import annotations

import re

WORD = re.compile(r"\w+")
GRAM = 4
"""Length of the compared stretches. Words alone take "What is X twinned with?" and "With what is X
twinned?" for equal; of the quickstart's 2,808 questions 132 would go at 0.9, by stretches none."""


def words(text: str) -> tuple[str, ...]:
    """The words of a text in lower case, without punctuation."""
    return tuple(WORD.findall(text.lower()))


def grams(text: str) -> frozenset[str]:
    """Every stretch of GRAM characters of the words in a row."""
    plain = " ".join(words(text))
    return frozenset(plain[i : i + GRAM] for i in range(max(1, len(plain) - GRAM + 1)))


def similarity(one: frozenset[str], other: frozenset[str]) -> float:
    """Jaccard: what both have of what either has."""
    return len(one & other) / len(one | other)


def runs(of: tuple[str, ...], length: int) -> list[tuple[str, ...]]:
    """Every run of so many words."""
    return [of[i : i + length] for i in range(len(of) - length + 1)]
