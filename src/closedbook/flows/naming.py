"""Hints for names that are not there."""

from __future__ import annotations

import difflib
from collections.abc import Collection

MOST = 15
"""Names that are told at most."""


def did_you_mean(name: str, known: Collection[str]) -> str:
    """The closest known name, or those there are."""
    close = difflib.get_close_matches(name, known, n=1)
    if close:
        return f"did you mean {close[0]!r}?"
    told = [item for item in sorted(known) if not item.startswith("icl_")]
    more = ", ..." if len(told) > MOST else ""
    return f"known here: {', '.join(told[:MOST])}{more}"
