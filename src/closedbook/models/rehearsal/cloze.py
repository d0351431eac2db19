"""Gaps to fill: a sentence with a telling phrase left out.

For sentences in which no fact was recognised. Takes only names, numbers and long nouns out, and
only from whole sentences that can stand alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from closedbook.models.rehearsal import lexicon
from closedbook.models.rehearsal.fact import Kind
from closedbook.models.rehearsal.frames import FRAMES
from closedbook.models.rehearsal.sentences import DATE, Sentence

GAP = "____"
_WORD = r"[A-Z]\w+(?:[-’'][A-Za-z]{2,})*"
_NAME = re.compile(rf"(?<=[a-z,;] ){_WORD}(?: (?:of |the |de |van )?{_WORD}){{0,3}}(?: \d+)?")
_NUMBER = re.compile(
    r"(?<![\w.,/-])\d+(?:,\d{3})*(?:\.\d+)?(?![\w/-])(?: (?:per cent|percent|million|thousand))?"
)
_LONG = re.compile(
    r"\b[a-z]{8,}(?:tion|ment|ness|ship|ity|ance|ence|ism|ure|age|ist|ery|ings?|ers?|ors?)?\b"
)
_TELLING: tuple[tuple[re.Pattern[str], Kind], ...] = (
    (_NAME, "name"),
    (DATE, "date"),
    (_NUMBER, "count"),
)
_SHORTEST, _LONGEST = 6, 45
_COMMON = lexicon.word_list("common")
_CLOSED = lexicon.POINTING | lexicon.PREPOSITIONS | lexicon.RELATIVES
_SMALL = _CLOSED | lexicon.MONTHS | {"i", "sunday", "monday"}


@dataclass(frozen=True, slots=True)
class Cloze:
    """`text` holds the gap; `kind` tells which other answers could be mistaken for `answer`."""

    text: str
    answer: str
    kind: Kind
    evidence: str


def clozes(sentence: Sentence, *, telling_only: bool) -> tuple[Cloze, ...]:
    """The gaps that can be made in a sentence, most telling first; `telling_only` leaves out those
    of common nouns."""
    text = sentence.text
    length = len(text.split())
    if not sentence.complete or not _SHORTEST <= length <= _LONGEST or not _is_prose(text):
        return ()
    found = [(match, kind) for pattern, kind in _TELLING for match in pattern.finditer(text)]
    if not telling_only:
        longest = sorted(_LONG.finditer(text), key=lambda m: (-len(m[0]), m.start()))[:2]
        found += [(match, "thing") for match in longest]
    return tuple(_gap(text, match, kind) for match, kind in found if _fits(match[0], text))


def cloze_question(cloze: Cloze, title: str, version: int) -> str:
    """The question in one of several wordings."""
    frames: list[str] = FRAMES["gaps"]
    return frames[(version - 1) % len(frames)].format(title=title, text=cloze.text)


def _gap(text: str, match: re.Match[str], kind: Kind) -> Cloze:
    return Cloze(f"{text[: match.start()]}{GAP}{text[match.end() :]}", match[0], kind, text)


def _fits(answer: str, text: str) -> bool:
    lower = answer.lower()
    once = len(re.findall(rf"(?<!\w){re.escape(answer)}(?!\w)", text)) == 1
    return once and lower not in _SMALL and len(answer) > 1


def _is_prose(text: str) -> bool:
    """Mostly words, starting like a sentence."""
    letters = sum(c.isalpha() or c.isspace() for c in text)
    return text[0].isupper() and letters >= 0.85 * len(text) and english(text)


def english(text: str) -> bool:
    """Whether a fair share of the words are the small words of English."""
    words = re.findall(r"[a-z']+", text.lower())
    return bool(words) and sum(word in _COMMON for word in words) >= 0.15 * len(words)
