"""Whether a short answer is right: the same words, whatever their case, accents, articles and
punctuation.

Knows texts only. An accepted text also counts inside a longer answer, if little else stands there.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

MOST_BESIDE = 8
"""Words that may stand beside an accepted text; more could say anything about it."""
_ARTICLES = frozenset({"a", "an", "the"})
_NEGATIONS = frozenset({"not", "no", "never", "nor", "neither", "except", "without", "or"})


def matches(text: str, accepted: Sequence[str]) -> bool:
    """Whether the text is one of the accepted ones, or holds one and little else."""
    said = _words(text)
    return any(_agree(said, wanted) for wanted in map(_words, accepted) if wanted)


def _agree(said: list[str], wanted: list[str]) -> bool:
    if said == wanted:
        return True
    if len(said) > len(wanted) + MOST_BESIDE:
        return False
    length = len(wanted)
    places = [p for p in range(len(said) - length + 1) if said[p : p + length] == wanted]
    beside = said[: places[0]] + said[places[0] + length :] if places else []
    return bool(places) and not _NEGATIONS & set(beside)


def _words(text: str) -> list[str]:
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(char for char in decomposed if not unicodedata.combining(char))
    bare = re.sub(r"(?<=\d),(?=\d{3}\b)", "", bare)
    return [word for word in re.findall(r"\w+", bare) if word not in _ARTICLES]
