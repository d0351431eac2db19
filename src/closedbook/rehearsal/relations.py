"""The shape of what is told of a kind of thing.

Prose only: the exam's wording lives in `wording` and shares no template with it. A predicate
follows its subject ("was born in {v}"); a sentence stands alone and takes the possessive ({Its}); a
lead opens a sentence whose subject follows after a comma. {v} is the value.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from closedbook.rehearsal.names import Coiner
from closedbook.rehearsal.values import Draw


@dataclass(frozen=True, slots=True)
class Relation:
    """One thing that is told of every entity of a kind."""

    key: str
    draw: Draw
    predicates: tuple[str, ...]
    sentences: tuple[str, ...] = ()
    leads: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of document.

    `name` coins the subject's name; `called` are the common nouns that may stand for it ("the
    company"); `pronouns` lists the (subject, possessive) pairs to choose from; `is_a` opens the
    article; `together` holds predicates that tell two relations at once, as {a} and {b}; `fillers`
    say nothing that can be asked.
    """

    key: str
    name: Callable[[Coiner], str]
    relations: tuple[Relation, ...]
    called: tuple[str, ...]
    fillers: tuple[str, ...]
    pronouns: tuple[tuple[str, str], ...] = (("it", "its"),)
    who: str = "which"
    is_a: str = ""
    together: tuple[tuple[str, str, str], ...] = ()
