"""What the phrase after a preposition is: a place, a time, a person, a purpose, or not clear
enough.

Knows what English prepositions usually mean with a verb. None means: do not ask about it.
"""

from __future__ import annotations

from closedbook.models.rehearsal import lexicon
from closedbook.models.rehearsal.fact import Kind
from closedbook.models.rehearsal.phrases import Verb
from closedbook.models.rehearsal.values import amount, is_capital, kind_of

LIGHT = lexicon.word_list("light")
"""Verbs that mean little without what follows."""
_COMPLEMENT = lexicon.word_list("complement")
_MOTION = lexicon.word_list("motion")
_COMPANIONS = lexicon.word_list("companions")
_WHERE = frozenset({"name", "person", "place"})
_PLACES = (lexicon.PLACE_PREPOSITIONS | lexicon.AWAY | {"outside"}) - {"from"}
_TIMED = frozenset({"in", "on", "at", "during"})
_UNCLEAR = lexicon.word_list("unclear")
_COUNTED = lexicon.word_list("counted")


def kind_after(verb: Verb, preposition: str, words: list[str], *, first: bool) -> Kind | None:
    """The kind of the phrase; `first` says that it stands right after a verb without object."""
    kind = kind_of(words)
    found: Kind | None = None
    if preposition in _UNCLEAR:
        found = None
    elif kind in {"year", "date", "time"}:
        dated = preposition == "from" and verb.bare in {"date", "stem"}
        found = kind if preposition in _TIMED or dated else None
    elif kind in {"measure", "count"}:
        found = _amount(preposition, words, kind)
    elif preposition == "between":
        found = "place" if is_capital(words[-1]) else None
    elif preposition == "by":
        found = "thing" if verb.participle and first and kind == "thing" else None
    elif preposition in {"to", "from"} and kind in _WHERE:
        found = "place" if verb.bare in _MOTION else _named(kind)
    elif preposition in _PLACES:
        inside: Kind | None = "thing" if verb.bare in _COMPLEMENT and first else None
        found = "place" if kind in _WHERE else inside
    else:
        found = _other(verb, preposition, kind, first=first)
    return found


def _named(kind: Kind) -> Kind | None:
    return kind if kind in {"name", "person"} else None


def _amount(preposition: str, words: list[str], kind: Kind) -> Kind | None:
    length, unit = amount(words)
    if kind == "count":
        if preposition not in _COUNTED or length == len(words):
            return None
        return "thing" if "and" in words else "count"
    money = unit in lexicon.MONEY or words[0][0] in "$€£"
    plain = unit in lexicon.UNITS and len(words) == length + 1
    return "measure" if preposition == "for" and (money or plain) else None


def _other(verb: Verb, preposition: str, kind: Kind, *, first: bool) -> Kind | None:
    if kind == "person" and preposition == "with" and verb.bare not in _COMPANIONS:
        return "name"
    if kind == "thing" and verb.bare in LIGHT and not verb.participle:
        return None
    return kind if first or _named(kind) or preposition in {"for", "as"} else None
