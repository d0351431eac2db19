"""English verbs: the forms of a few hundred common ones, by rule and by a table of exceptions.

Knows spelling, not meaning. `FINITE` and `PARTICIPLES` map a form met in a text to its bare verb.
"""

from __future__ import annotations

from typing import Literal

from closedbook.models.rehearsal import lexicon

Shape = Literal["bare", "third", "past", "participle"]

_DOUBLING = lexicon.word_list("doubling")

INTRANSITIVE = lexicon.word_list("intransitive")
"""Verbs commonly without an object: "and studied at X" after a passive is active."""


def _past(verb: str) -> str:
    if verb.endswith("e"):
        return verb + "d"
    if verb.endswith("y") and verb[-2] not in "aeiou":
        return verb[:-1] + "ied"
    return f"{verb}{verb[-1] if verb in _DOUBLING else ''}ed"


def _third(verb: str) -> str:
    if verb in {"be", "have", "do", "go"}:
        return {"be": "is", "have": "has", "do": "does", "go": "goes"}[verb]
    if verb.endswith(("s", "x", "z", "ch", "sh")):
        return verb + "es"
    if verb.endswith("y") and verb[-2] not in "aeiou":
        return verb[:-1] + "ies"
    return verb + "s"


def gerund(verb: str) -> str:
    """The form in -ing."""
    if verb in {"lie", "die", "tie"}:
        return verb[:-2] + "ying"
    if verb.endswith("e") and verb not in {"be", "see", "dye"}:
        return verb[:-1] + "ing"
    return f"{verb}{verb[-1] if verb in _DOUBLING else ''}ing"


def _table() -> dict[str, dict[Shape, str]]:
    table: dict[str, dict[Shape, str]] = {}
    for verb in lexicon.LISTS["regular_verbs"].split():
        past = _past(verb)
        table[verb] = {"bare": verb, "third": _third(verb), "past": past, "participle": past}
    for entry in lexicon.LISTS["irregular_verbs"].split():
        verb, past, participle = entry.split("/")
        shapes: dict[Shape, str] = {"bare": verb, "third": _third(verb)}
        table[verb] = shapes | {"past": past, "participle": participle}
    return table


_FORMS = _table()

PAST = {shapes["past"]: verb for verb, shapes in _FORMS.items() if verb != "bear"} | {"were": "be"}
THIRD = {shapes["third"]: verb for verb, shapes in _FORMS.items()}
FINITE = PAST | THIRD | {"are": "be", "founded": "found", "found": "find"}
PARTICIPLES = {shapes["participle"]: verb for verb, shapes in _FORMS.items()} | {
    "founded": "found",
    "found": "find",
    "situated": "situate",
}
GERUNDS = {gerund(verb): verb for verb in _FORMS}
BARE = frozenset(_FORMS)


def shape(verb: str, wanted: Shape) -> str:
    """`verb` (bare) in the shape wanted; an unknown verb follows the rules."""
    if verb in _FORMS:
        return _FORMS[verb][wanted]
    return {"bare": verb, "third": _third(verb)}.get(wanted) or _past(verb)


def finite(verb: str, *, past: bool, plural: bool) -> str:
    """`verb` as it follows a third-person subject."""
    if verb == "be":
        return ("were" if plural else "was") if past else ("are" if plural else "is")
    if past:
        return shape(verb, "past")
    return shape(verb, "bare" if plural else "third")
