"""Verdicts: which of a few texts a reply means, its decoration taken off."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

WRAPPING = r"""[\s*_`"'“”‘’()\[\]{}<>]*"""
LABELS = ("answer", "final answer", "grade", "judgement", "judgment", "rating", "score", "verdict")


def chosen(text: str, column: str, choices: Sequence[str]) -> str | None:
    """The choice that `text` says: "**Yes.**" is YES, "Score: 2/2" is 2. None if it says anything
    beyond one choice."""
    found = _pattern(column, tuple(choices)).fullmatch(text)
    if found is None:
        return None
    said = found["choice"].casefold()
    return next(choice for choice in choices if choice.casefold() == said)


@lru_cache
def _pattern(column: str, choices: tuple[str, ...]) -> re.Pattern[str]:
    longest_first = sorted(choices, key=len, reverse=True)
    labels = "|".join(map(re.escape, (column.replace("_", " "), *LABELS)))
    choice = "|".join(map(re.escape, longest_first))
    out_of = r"\s*(?:/|out of)\s*\d+" if all(text.isdigit() for text in choices) else ""
    tail = f"(?:{out_of})?" if out_of else ""
    return re.compile(
        rf"{WRAPPING}(?:(?:{labels}){WRAPPING}[:=]{WRAPPING})?(?P<choice>{choice})"
        rf"{WRAPPING}{tail}[.!,;:]*{WRAPPING}[.!]*",
        re.IGNORECASE,
    )
