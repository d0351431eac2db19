"""The words of a text, as the checks of the library compare them."""

from __future__ import annotations

import re

WORD = re.compile(r"\w+(?:[.,]\d+)*")
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_NAME = re.compile(r"\b[A-Z]\w+")
_SMALL_WORDS = (
    "a an the this that these those of in on at to for from by with and or but nor as is was are"
    " were be been being it its he she they him her them his their there here who whom whose which"
    " what when where why how did does do has have had not no yes so thus then than also both all"
    " any some one such into about over after before because since while although if i we"
    " you"
)
_SMALL = frozenset(_SMALL_WORDS.split())


def words(text: str) -> tuple[str, ...]:
    """In lower case, without punctuation; a number is one word, without commas."""
    found = WORD.findall(text.lower())
    return tuple([word.replace(",", "") for word in found] if "," in text else found)


def telling(text: str) -> set[str]:
    """The words that carry meaning."""
    return set(words(text)) - _SMALL


def numbers(text: str) -> set[str]:
    """Numbers written in digits, without commas."""
    return {number.replace(",", "") for number in _NUMBER.findall(text)}


def names(text: str) -> set[str]:
    """Words with a capital, in lower case; small words that begin a sentence are left out."""
    return {word.lower() for word in _NAME.findall(text)} - _SMALL


def quoted_in(quote: str, text: str) -> bool:
    """Whether `text` holds the words of `quote` in a row; an ellipsis stands for any words."""
    parts = [" ".join(words(part)) for part in re.split(r"\.\.\.|…|\[[^\]]*\]", quote)]
    told = f" {' '.join(words(text))} "
    return any(parts) and all(f" {part} " in told for part in parts if part)
