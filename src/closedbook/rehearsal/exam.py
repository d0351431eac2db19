"""The exam about a world: one question of four options per fact.

Invariant: the entities of a kind are dealt, relation by relation, into groups of four that share
their four options, each right for one of them. So a preference for certain values or for long
options is right for exactly one question of a group, which is chance, and the right option's
place is spread evenly.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import cycle, islice
from random import Random
from typing import TypeVar

from closedbook.records import Question
from closedbook.rehearsal.kinds import Entity
from closedbook.rehearsal.wording import FRAMES, WORDINGS

OPTIONS = 4
T = TypeVar("T")


def write_exam(entities: Sequence[Entity], random: Random) -> tuple[Question, ...]:
    """Questions about every fact of `entities`; the groups of each kind must come out even."""
    asked = [
        (entity, relation, options)
        for kind in dict.fromkeys(entity.kind for entity in entities)
        for relation, group in _groups([e for e in entities if e.kind == kind], random)
        for options in [[member.facts[relation] for member in group]]
        for entity in group
    ]
    places = _evenly(range(OPTIONS), len(asked), random)
    forms = _evenly(("clause", "frame", "noun"), len(asked), random)
    questions = []
    for (entity, relation, options), place, form in zip(asked, places, forms, strict=True):
        right = entity.facts[relation]
        ordered = random.sample([option for option in options if option != right], OPTIONS - 1)
        ordered.insert(place, right)
        questions.append(
            Question(
                document=entity.name,
                question=_asked(form, entity, relation, random),
                options=tuple(ordered),
                answer=place,
            )
        )
    random.shuffle(questions)
    return tuple(questions)


def _groups(members: list[Entity], random: Random) -> Iterator[tuple[str, list[Entity]]]:
    for relation in members[0].facts:
        dealt = random.sample(members, len(members))
        for start in range(0, len(dealt), OPTIONS):
            yield relation, dealt[start : start + OPTIONS]


def _evenly(choices: Sequence[T], count: int, random: Random) -> list[T]:
    dealt = list(islice(cycle(choices), count))
    random.shuffle(dealt)
    return dealt


def _asked(form: str, entity: Entity, relation: str, random: Random) -> str:
    wording = WORDINGS[entity.kind, relation]
    ways = {"clause": wording.clauses, "frame": FRAMES, "noun": wording.nouns}[form]
    return random.choice(ways).format(n=entity.name, entry=wording.entry)
