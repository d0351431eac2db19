"""The kinds of things a world is made of, out of kinds.yaml: what is told of each, and how.

Prose only: the exam's wording lives in `wording` and shares no template with it. Invariant: the
values of one draw are all different.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Literal

from closedbook.config.section import Settings
from closedbook.config.strict_file import read_strictly
from closedbook.rehearsal.names import Coiner


class Coined(Settings):
    """A name coined for one thing: a person's, or a stem of so many `syllables` with one of the
    words `before` it, an `ending` run together with it, one of the words `after` it."""

    coined: Literal["person", "place"] = "place"
    syllables: int = 2
    before: tuple[str, ...] = ()
    ending: tuple[str, ...] = ()
    after: tuple[str, ...] = ()

    def name(self, coiner: Coiner) -> str:
        if self.coined == "person":
            return coiner.person()
        return coiner.place(self.syllables, self.before, self.ending, self.after)


class Value(Coined):
    """Where the values of a relation come from, each put into the braces of `told`: `numbers` from
    a first to a last, so many `times`; a word of each list of `words`; or else coined names."""

    numbers: tuple[int, int] | None = None
    times: int = 1
    words: tuple[tuple[str, ...], ...] = ()
    told: str = "{}"

    def draw(self, coiner: Coiner, random: Random, count: int) -> list[str]:
        """So many different values."""
        drawn: list[list[str]] | list[list[int]] = [
            random.sample(some, count) for some in self.words
        ]
        if self.numbers:
            first, last = self.numbers
            drawn = [[n * self.times for n in random.sample(range(first, last + 1), count)]]
        elif not drawn:
            drawn = [[self.name(coiner) for _ in range(count)]]
        return [self.told.format(*parts) for parts in zip(*drawn, strict=True)]


class Relation(Settings):
    """One thing that is told of every entity of a kind; {v} is the value. A predicate follows its
    subject ("was born in {v}"); a sentence stands alone and takes the possessive ({Its}); a lead
    opens a sentence whose subject follows after a comma."""

    key: str
    value: Value
    predicates: tuple[str, ...] = ()
    sentences: tuple[str, ...] = ()
    leads: tuple[str, ...] = ()


class Kind(Settings):
    """A kind of document.

    `called` are the common nouns that may stand for its subject ("the company"); `pronouns` lists
    the (subject, possessive) pairs to choose from; `is_a` opens the article; `together` holds
    predicates that tell two relations at once, as {a} and {b}; `fillers` say nothing that can be
    asked.
    """

    key: str
    name: Coined
    called: tuple[str, ...] = ()
    pronouns: tuple[tuple[str, str], ...] = (("it", "its"),)
    who: str = "which"
    is_a: str = ""
    fillers: tuple[str, ...]
    together: tuple[tuple[str, str, str], ...] = ()
    relations: tuple[Relation, ...]


@dataclass(frozen=True, slots=True)
class Entity:
    """`facts` maps each relation of the entity's kind to its value; `article` is its Markdown."""

    kind: str
    name: str
    facts: dict[str, str]
    article: str


class _Kinds(Settings):
    kinds: tuple[Kind, ...]


KINDS = read_strictly(Path(__file__).with_suffix(".yaml"), _Kinds, "a file of kinds")[0].kinds
