"""Telling the option from a written answer: an ordered list of rules, the first that applies wins.

Knows the answer's text (its thinking is apart already) and the options as they were shown, not
which is right. Invariant: no rule guesses; what names no option, or several, is unparsed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from closedbook.students import LETTERS

_WORDS = (
    "answer|choice|antwort|réponse|respuesta|risposta|resposta|antwoord|ответ|odpověď|odpowiedź|"
    "答案|答え|回答|정답"
)
"""What an answer line begins with, also where a model falls into another language."""
_LETTER = (
    r"[\s*_`(\[\"'“]*([A-P])(?![\w'’])"
    r"(?!(?<=A) (?!because|since|as|is)[a-z])"  # "A lake" begins with an article
)
_ANSWER_LINE = re.compile(
    rf"(?im)^[\s*_#>`\-]*(?:(?:the|final|correct)\s+)*(?:{_WORDS})(?:\s+is)?[\s*_]*[:\uff1a][\s*_]*"
)
_ENDS = re.compile(  # what may follow a letter that stands for an option
    r"[\s*_`)\]\"'”]*(?:\Z|(?!-\w)[^\w\s]|(?:because|since|as|is|and|due|given)\b)"
)
_ANOTHER = re.compile(r"[\s*_`)\]\"'”.]*(?:,|/|&|\bor\b|\band\b)[\s*_`(\[\"'“]*([A-P])(?![\w'’])")
_SAID = re.compile(
    rf"(?i)\b(?:{_WORDS}|option)\b[\s*_]*(?:is|ist|est|es|è|:|=)[\s*_]*(?:option|choice)?(?-i:{_LETTER})"
)
_BOXED = re.compile(r"\\boxed\{\s*(?:\\text\{)?\s*\(?([A-P])\)?\s*\}")
_ALONE = re.compile(rf"\A{_LETTER}[\s*_`)\].:,\"'”]*\Z")
_LETTER_FIRST = re.compile(r"\A[\s*_(\[]*([A-P])[)\].:][\s*_]+\S")
_OPTION_IS = re.compile(
    r"\b[Oo]ption\s+\(?([A-P])\)?\s+(?:is|seems)\s+(?:the\s+)?(?:right|correct|best)"
)
Rule = Callable[[str, Sequence[str]], int | None]


def extract(text: str, options: Sequence[str]) -> tuple[int | None, str]:
    """The place of the option that an answer names, and the rule that told it; None and "" if
    none does."""
    for name, rule in RULES:
        place = rule(text, options)
        if place is not None:
            return place, name
    return None, ""


def _answer_line(text: str, options: Sequence[str]) -> int | None:
    """What the last line says that begins an answer: an option's text, or its letter."""
    rests = [_line(text, match.end()) for match in _ANSWER_LINE.finditer(text)]
    for rest in reversed(rests):
        if (place := _option_text(rest, options)) is not None:
            return place
        if letter := re.match(_LETTER, rest):
            return _last(_standing(rest, letter, options), options)
    return None


def _boxed(text: str, options: Sequence[str]) -> int | None:
    return _last(_BOXED.findall(text), options)


def _letter_alone(text: str, options: Sequence[str]) -> int | None:
    return _last(_ALONE.findall(text.strip()), options)


def _said(text: str, options: Sequence[str]) -> int | None:
    said = [_standing(text, match, options) for match in _SAID.finditer(text)]
    if not all(said):
        return None
    return _only([letter for (letter,) in said] + _OPTION_IS.findall(text), options)


def _letter_first(text: str, options: Sequence[str]) -> int | None:
    """The letter that opens the first or the last line, as in "B) because ..."."""
    lines = [line for line in text.splitlines() if line.strip()]
    ends = {lines[0], lines[-1]} if lines else set()
    found = [match[1] for line in ends if (match := _LETTER_FIRST.match(line))]
    return _only(found, options)


def _option_text(text: str, options: Sequence[str]) -> int | None:
    if _ALONE.match(text.strip()):
        return None
    said = _plain(text)
    same = [place for place, option in enumerate(options) if _plain(option) == said]
    return same[0] if len(same) == 1 else None


def _option_within(text: str, options: Sequence[str]) -> int | None:
    """The only option whose words stand in the answer; an option within another is not counted."""
    said = f" {_plain(text)} "
    held = [p for p, option in enumerate(options) if f" {_plain(option)} " in said]
    longest = [
        p
        for p in held
        if not any(q != p and f" {_plain(options[p])} " in f" {_plain(options[q])} " for q in held)
    ]
    return longest[0] if len(longest) == 1 else None


def _standing(text: str, match: re.Match[str], options: Sequence[str]) -> list[str]:
    """The letter of a match, if it stands for its option alone; an article, an initial or one of
    several letters does not."""
    letter, rest = match[1], _line(text, match.end())
    place = LETTERS.index(letter)
    if place < len(options) and f"{_plain(rest)} ".startswith(f"{_plain(options[place])} "):
        return [letter]
    other = _ANOTHER.match(rest)
    several = other and other[1] in LETTERS[: len(options)]
    return [letter] if _ENDS.match(rest) and not several else []


def _line(text: str, start: int) -> str:
    """The rest of a line."""
    return text[start:].split("\n", 1)[0]


def _last(letters: Sequence[str], options: Sequence[str]) -> int | None:
    known = [LETTERS.index(letter) for letter in letters if letter in LETTERS[: len(options)]]
    return known[-1] if known and letters[-1] in LETTERS[: len(options)] else None


def _only(letters: Sequence[str], options: Sequence[str]) -> int | None:
    return _last(letters, options) if len(set(letters)) == 1 else None


def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))


RULES: tuple[tuple[str, Rule], ...] = (
    ("option text", _option_text),
    ("answer line", _answer_line),
    ("boxed", _boxed),
    ("letter alone", _letter_alone),
    ("said in a sentence", _said),
    ("letter first", _letter_first),
    ("option within", _option_within),
)
"""In the order in which they are tried: from what cannot be mistaken to what can still be told."""
