"""Question words: how English asks for a place, a year, an amount, a person, a thing.

Knows verb phrases with a gap and which question word fills it; sentences are made by `frames`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from closedbook.models.rehearsal import lexicon
from closedbook.models.rehearsal.fact import Fact, Kind
from closedbook.models.rehearsal.verbs import finite

_PLAIN_PLACES = frozenset({"in", "at", "on"})
_AGE = ["the", "age"]
_AT = (["at", "a"], ["at", "an"])
_HOW = {"last": "long", "take": "long", "rise": "high", "stand": "high"}
_LEVEL = re.compile(r" at an? (\w+) of$")
_ENDS = lexicon.PREPOSITIONS | {"of"}
Item = TypeVar("Item")


def upper(text: str) -> str:
    """With a capital first letter."""
    return text[:1].upper() + text[1:]


def lower(text: str) -> str:
    """With a small first letter."""
    return text[:1].lower() + text[1:]


def spaced(*parts: str) -> str:
    """The parts that are not empty, with single spaces."""
    return " ".join(part for part in parts if part)


def turned(items: Sequence[Item], by: int) -> list[Item]:
    """The items from one on, then those before it."""
    start = by % len(items) if items else 0
    return [*items[start:], *items[:start]]


@dataclass(frozen=True, slots=True)
class VerbPhrase:
    """A verb phrase round a gap: `verb` (bare), `middle`, `preposition`, gap, `tail`."""

    verb: str
    middle: str
    preposition: str
    tail: str
    past: bool
    plural: bool

    @classmethod
    def make(cls, phrase: str, fact: Fact) -> VerbPhrase:
        """From a phrase of a fact or of the thesaurus, where "_" stands for the gap."""
        before, gap, after = phrase.partition(" _")
        words = before.split()
        tail = after.strip() if gap else fact.tail
        preposition = ""
        if len(words) > 1 and not gap and not tail and words[-1] in _ENDS:
            preposition = words.pop()
            level = preposition == "of" and (words[-2:] == _AGE or words[-3:-1] in _AT)
            if level:
                preposition = f"{' '.join(words[-3:])} {preposition}"
                words = words[:-3]
            elif len(words) > 1 and f"{words[-1]} {preposition}" in lexicon.PREPOSITIONS:
                preposition = f"{words.pop()} {preposition}"
        return cls(words[0], " ".join(words[1:]), preposition, tail, fact.past, fact.plural)

    @property
    def auxiliary(self) -> str:
        """What stands before the subject in a question."""
        verb = "be" if self.verb == "be" else "do"
        return finite(verb, past=self.past, plural=self.plural)

    @property
    def bare(self) -> str:
        """What follows the subject in a question."""
        return self.middle if self.verb == "be" else spaced(self.verb, self.middle)

    @property
    def plain(self) -> str:
        """What follows the subject in a statement."""
        return spaced(finite(self.verb, past=self.past, plural=self.plural), self.middle)


@dataclass(frozen=True, slots=True)
class Asking:
    """`fronts` are pairs of what opens a question and what it leaves behind at the end ("who",
    "by"); `inside` is the question word where the answer would stand; `relative` is the noun that
    asks by a relative clause ("the place where"), if there is a good one."""

    fronts: tuple[tuple[str, str], ...]
    inside: str
    relative: str = ""


def asking(fact: Fact, phrase: VerbPhrase) -> Asking:
    """How to ask for the value of `fact` in the gap of `phrase`."""
    return _BY_KIND.get(fact.kind, _thing)(fact, phrase)


def _place(fact: Fact, phrase: VerbPhrase) -> Asking:
    preposition, noun = phrase.preposition, fact.unit or "place"
    if not preposition:
        return _thing(fact, phrase)
    if preposition == "between":
        return Asking((("where", ""), ("between which places", "")), "between which places")
    which = f"{preposition} which {noun}"
    first, relative = (f"which {noun}", preposition), f"the {noun} {preposition} which"
    if preposition in _PLAIN_PLACES:
        first, relative = ("where", ""), f"the {noun} where"
    elif preposition in {"from", "to"}:
        first = ("where", preposition)
    return Asking((first, (which, ""), (f"{preposition} what {noun}", "")), which, relative)


def _time(fact: Fact, phrase: VerbPhrase) -> Asking:
    if fact.kind == "time":
        return Asking((("when", ""), ("at what time", "")), "when", "the time when")
    preposition, noun = "in", "year"
    if fact.kind == "date":
        preposition = phrase.preposition
        noun = "month" if preposition == "in" else "date"
    which = f"{preposition} which {noun}"
    fronts = (("when", ""), (which, ""), (f"{preposition} what {noun}", ""))
    return Asking(fronts, which, f"the {noun} {preposition} which")


def _count(fact: Fact, phrase: VerbPhrase) -> Asking:
    preposition = phrase.preposition
    if preposition.endswith("the age of"):
        at = preposition.split()[0]
        return Asking(((f"{at} what age", ""),), f"{at} what age", f"the age {at} which")
    many = spaced(preposition, "how many", fact.unit)
    which = f"{preposition} which" if preposition else "that"
    noun = f"the number of {fact.unit} {which}" if fact.unit and not phrase.tail else ""
    return Asking(((many, phrase.tail),), spaced(many, phrase.tail), noun)


def _measure(fact: Fact, phrase: VerbPhrase) -> Asking:
    tail, preposition = phrase.tail, phrase.preposition
    level = _LEVEL.search(fact.phrase)
    end = tail
    if tail in lexicon.DIMENSIONS:
        how, end = f"how {'wide' if tail == 'across' else tail}", ""
    elif any(tail.startswith(f"{away} ") for away in lexicon.AWAY):
        how, end = f"how far {tail}", ""
    elif level:
        how, end = f"at what {level[1]}", ""
    elif set(fact.value.lower().split()) & lexicon.MONEY or fact.value[0] in "$€£":
        how = spaced(preposition, "how much" if preposition in {"", "for"} else "what price")
    elif preposition == "for":
        how = "how long"
    else:
        how = f"how {_HOW.get(phrase.verb, 'much')}"
    return Asking(((how, end),), spaced(how, end))


def _person(_: Fact, phrase: VerbPhrase) -> Asking:
    whom = spaced(phrase.preposition, "whom")
    return Asking((("who", phrase.preposition), (whom, "")), whom, f"the person {whom}")


def _thing(fact: Fact, phrase: VerbPhrase) -> Asking:
    preposition, unit = phrase.preposition, fact.unit
    if unit and fact.kind in {"name", "place"}:
        which = spaced(preposition, "which", unit)
        relative = f"the {unit} {preposition} which" if preposition else f"the {unit} that"
        return Asking(((which, ""), (f"which {unit}", preposition)), which, relative)
    if preposition == "after":
        return Asking((("who or what", "after"), ("after whom or what", "")), "after whom or what")
    what = spaced(preposition, "what")
    fronts = (("what", preposition), (what, "")) if preposition else (("what", ""),)
    return Asking(fronts, what)


def _colour(_: Fact, phrase: VerbPhrase) -> Asking:
    end = phrase.preposition
    return Asking((("what colour", end), ("which colour", end)), "which colour")


def _purpose(_: Fact, __: VerbPhrase) -> Asking:
    what = "for what purpose"
    return Asking((("what", "for"), (what, "")), what, "the purpose for which")


_BY_KIND: dict[Kind, Callable[[Fact, VerbPhrase], Asking]] = {
    "place": _place,
    "year": _time,
    "date": _time,
    "time": _time,
    "count": _count,
    "measure": _measure,
    "person": _person,
    "colour": _colour,
    "purpose": _purpose,
}
