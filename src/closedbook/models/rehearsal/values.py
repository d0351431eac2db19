"""What a noun phrase is: a person, a place, a year, an amount, a name, a thing.

Knows the look of words and short lists of nouns. Where it cannot tell, it says "thing" or
"name", so that no question asks "who" of a town.
"""

from __future__ import annotations

import re

from closedbook.models.rehearsal import lexicon
from closedbook.models.rehearsal.fact import Kind
from closedbook.models.rehearsal.sentences import joined

_YEAR = re.compile(r"(1[0-9]{3}|2[0-9]{3})(?:\s?(?:AD|CE))?")
_DAY = re.compile(r"\d{1,2}(st|nd|rd|th)? (of )?[A-Z]")
_SOME_TIME = re.compile(r"(\d{3,4}s|\d{1,2}:\d{2}|\d{1,2}(am|pm))")
_CONNECTORS = lexicon.word_list("connectors")
_AFTER_HEAD = lexicon.word_list("after_head")
_NO_BEGINNING = lexicon.word_list("no_beginning")
_NO_END = lexicon.ARTICLES | _CONNECTORS | {"very", "most"}
_NO_PERSON = lexicon.ORGANISATION_WORDS | lexicon.PLACE_WORDS | {"the", "and"}
MAX_WORDS = 9


def is_number(token: str) -> bool:
    """A figure or a number word."""
    first = re.split(r"[-–]", token.lower())[0]
    return first in lexicon.NUMBER_WORDS or re.fullmatch(r"[$€£]?\s?\d[\d.,]*%?", token) is not None


def is_capital(token: str) -> bool:
    """Written as (part of) a name is."""
    return token[0].isupper() or token[0] in '“"'


def is_name(words: list[str]) -> bool:
    """Whether the words are a name: capitalised at both ends, only connectors between."""
    return (
        bool(words)
        and is_capital(words[0])
        and (is_capital(words[-1]) or words[-1][0].isdigit())
        and all(is_capital(w) or w in _CONNECTORS or w[0].isdigit() for w in words)
        and words[0].lower() not in lexicon.MONTHS | lexicon.DETERMINERS
    )


def bare_name(words: list[str]) -> tuple[list[str], str]:
    """("the", "town", "of", "Orr") -> (("Orr"), "town"); ("the", "chemist", "Ada", "Ore") ->
    (("Ada", "Ore"), "chemist"). Other phrases come back as they are, with an empty noun."""
    if len(words) < 3 or words[0].lower() not in lexicon.ARTICLES:
        return words, ""
    first = next((i for i, w in enumerate(words) if i and is_capital(w)), 0)
    if first < 2 or not is_name(words[first:]):
        return words, ""
    nouns = words[1:first]
    if nouns[-1] == "of" and len(nouns) == 2 and nouns[-2] in lexicon.NAMED_PLACES | {"name"}:
        return words[first:], "" if nouns[-2] == "name" else nouns[-2]
    apposed = lexicon.PROFESSIONS | lexicon.PERSON_NOUNS | lexicon.PLACE_CLASSES
    if nouns[-1] in apposed - {"river", "lake"} and all(n.islower() for n in nouns):
        return words[first:], nouns[-1]
    return words, ""


def is_person_name(words: list[str]) -> bool:
    """Two to four capitalised words, none of which is a word of organisations or places."""
    if not is_name(words) or words[0][0] in '“"':
        return False
    lower = {w.lower().rstrip(".") for w in words}
    return 2 <= len(words) <= 4 and lower.isdisjoint(_NO_PERSON)


def amount(words: list[str]) -> tuple[int, str]:
    """How many leading words are a number (with "about", "million"), and the first word after."""
    index = 2 if tuple(w.lower() for w in words[:2]) in lexicon.BOUNDS else 0
    while index < len(words) and words[index].lower() in lexicon.APPROXIMATE:
        index += 1
    start = index
    while index < len(words) and (
        is_number(words[index]) or (index > start and words[index] == "and")
    ):
        index += 1
    if index == start:
        return 0, ""
    if words[index - 1] == "and":
        index -= 1
    return index, words[index].lower() if index < len(words) else ""


def _time_kind(words: list[str]) -> Kind | None:
    text = joined(words)
    lower = [w.lower() for w in words]
    if _YEAR.fullmatch(text):
        return "year"
    if text.split()[0].strip(",").lower() in lexicon.MONTHS or _DAY.match(text):
        return "date" if any(m in text.lower() for m in lexicon.MONTHS) else None
    named = lower[-1] in lexicon.TIME_NOUNS and not amount(words)[0]
    of = "of" in lower[1:] and lower[lower.index("of") - 1] in lexicon.TIME_NOUNS
    return "time" if named or of or _SOME_TIME.fullmatch(lower[-1]) else None


def _amount_kind(words: list[str]) -> Kind | None:
    length, noun = amount(words)
    if not length:
        return None
    symbol = words[length - 1][0] in "$€£" or words[length - 1].endswith("%")
    coins = noun in {"silver", "gold", "copper"} and words[-1].lower() in lexicon.UNITS
    return "measure" if noun in lexicon.UNITS or symbol or coins else "count"


def kind_of(words: list[str]) -> Kind:
    """What the phrase is by itself; its preposition or verb may know better."""
    if not words:
        return "thing"
    words, _ = bare_name(words)
    if found := _time_kind(words) or _amount_kind(words):
        return found
    article = words[0].lower() in lexicon.ARTICLES
    content = words[1:] if article else words
    if is_person_name(content) and not article:
        return "person"
    if content and (is_name(content) or is_capital(content[-1])):
        return "name"
    head = head_noun(words)
    if article:
        return "place" if head in lexicon.PLACE_NOUNS else "thing"
    return "colour" if len(content) <= 3 and head in lexicon.COLOURS else "thing"


def head_noun(words: list[str]) -> str:
    """The last word before "of" or "that": the noun that names the thing."""
    for index, word in enumerate(words):
        if index and word.lower() in _AFTER_HEAD:
            return words[index - 1].lower()
    return words[-1].lower() if words else ""


def is_usable(words: list[str]) -> bool:
    """Short, and without pronouns that mean nothing outside the sentence."""
    lower = [w.lower() for w in words]
    if not words or len(words) > MAX_WORDS or lower[0] in _NO_BEGINNING:
        return False
    if lower[-1] in _NO_END or not re.search(r"\w|”|\"", lower[-1]):
        return False
    pointing = set(lower) & (lexicon.POSSESSIVES | lexicon.OBJECT_PRONOUNS)
    return not pointing and not any(re.fullmatch(r"[^\w\s,'’\"“”%-]+", w) for w in words)
