"""What a document is about: its name as the text writes it, and the nouns it may be called by."""

from __future__ import annotations

import re
from collections import Counter

from closedbook.models.rehearsal.sentences import joined
from closedbook.models.rehearsal.values import head_noun, is_capital, is_person_name
from closedbook.models.rehearsal.words import (
    ARTICLES,
    ORGANISATION_CLASSES,
    PERSON_CLASSES,
    PLACE_CLASSES,
    PREPOSITIONS,
    THING_CLASSES,
)

_GROUPS = (PERSON_CLASSES, ORGANISATION_CLASSES, PLACE_CLASSES, THING_CLASSES)


def bare_title(name: str) -> str:
    """Without its article."""
    return re.sub(r"^the ", "", name, flags=re.IGNORECASE)


def topic_name(title: str, text: str, opening: list[str]) -> str:
    """The title as the text writes it, or the name the text opens with."""
    bare = bare_title(title.strip())
    pattern = rf"\b(the )?({re.escape(bare)})(?!\w)"
    in_text = re.findall(pattern, text, flags=re.IGNORECASE) if bare else []
    if in_text:
        article = sum(1 for found, _ in in_text if found) * 2 > len(in_text)
        written = Counter(name for _, name in in_text).most_common(1)[0][0]
        return f"the {written}" if article else written
    end = next((i for i, w in enumerate(opening) if not is_capital(w)), len(opening))
    name = opening[:end]
    article = bool(name) and name[0].lower() in ARTICLES
    name = name[1:] if article else name
    if is_person_name(name):
        return joined(name)
    return bare


def class_nouns(name: str, text: str) -> frozenset[str]:
    """Nouns the text may call its topic by: those like the one it is defined with, or its own."""
    own = name.rsplit(maxsplit=1)[-1].lower() if name else ""
    parts = [part for part in name.lower().split() if any(part in group for group in _GROUPS)]
    pattern = (
        rf"{re.escape(name)}[^.]{{0,60}}? (?:is|was|are|were|,) (?:an?|one of the|the) ([^.,;]+)"
    )
    defined = re.search(pattern, text, flags=re.IGNORECASE)
    nouns = {own} if own.isalpha() else set()
    words = defined[1].split() if defined else []
    cut = next(
        (
            i
            for i, w in enumerate(words)
            if w in PREPOSITIONS | {"that", "which", "who", "of", "and"} or (w.endswith("ed") and i)
        ),
        len(words),
    )
    heads = {head_noun(words[:cut])} if words[:cut] else set()
    for candidate in [*heads, *parts, own]:
        for group in _GROUPS:
            if candidate in group:
                nouns |= group
        nouns.add(candidate)
    return frozenset(nouns)


def opens_with(name: str, title: str, opening: str) -> bool:
    """Whether the text begins with its topic: named in the title, or else defined ("Orr is a
    ...")."""
    bare = re.escape(bare_title(name))
    if not bare or not re.search(rf"(?<!\w){bare}(?!\w)", opening):
        return False
    titled = bare_title(title.strip()).lower() == bare_title(name).lower()
    return titled or re.search(rf"{bare}[^.]{{0,60}}? (?:is|was) (?:an?|the) ", opening) is not None
