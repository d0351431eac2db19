"""Names and numbers in a text, found by their look; made for English."""

from __future__ import annotations

import re

_WORD = r"[A-Z][\w'’-]*\w"
_NAME = re.compile(rf"\b{_WORD}(?:\s+(?:(?:of|de|van|von|the)\s+)?{_WORD})*")
_NUMBER = re.compile(
    r"(?<![\w.,-])\d{1,3}(?:,\d{3})+(?![\w,])|(?<![\w.,-])\d+(?![\w,]*\d)(?!\.\d)(?!\w)"
)
_OPENING = re.compile(r"(?:^|[.!?:]\s+|[\"“]\s*)$")


def names_in(text: str) -> list[str]:
    """Names in order, each once. A single word that opens a sentence is one only if it stands
    within a sentence too."""
    found: dict[str, bool] = {}
    for name in _NAME.finditer(text):
        opens = _OPENING.search(text[: name.start()]) is not None
        sure = " " in name[0] or not opens
        found[name[0]] = found.get(name[0], False) or sure
    return [name for name, sure in found.items() if sure]


def numbers_in(text: str) -> list[str]:
    """Whole numbers written in digits, in order."""
    return [found[0] for found in _NUMBER.finditer(text)]


def shifted(number: str, steps: int) -> str:
    """Another number of the same look: years by so many years, others by so many tenths."""
    value = int(number.replace(",", ""))
    is_year = len(number) == 4 and 1000 <= value <= 2100
    moved = value + (steps if is_year else steps * max(1, value // 10))
    return f"{moved:,}" if "," in number else str(moved)
