"""A fictional world: forty entities of five kinds, eight facts each, as documents and an exam.

Deterministic in its key. A user's world has the key "world/SEED"; the worlds a rehearsal student
is pretrained on have keys that no seed reaches. Invariant: a value of a relation belongs to one
entity only and is drawn apart from all others, so no fact follows from another.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from random import Random

from closedbook.records import Question
from closedbook.rehearsal.exam import write_exam
from closedbook.rehearsal.kinds import KINDS, Entity, Kind
from closedbook.rehearsal.names import Coiner
from closedbook.rehearsal.writing import write_article
from closedbook.store.rows import write_atomically, write_rows

ENTITIES_PER_KIND = 8


@dataclass(frozen=True, slots=True)
class World:
    """Documents and the exam about them."""

    entities: tuple[Entity, ...]
    exam: tuple[Question, ...]


def make_world(seed: int) -> World:
    """The world of a seed: 40 documents, 320 questions; any integer will do."""
    return world_from(f"world/{seed}")


def world_from(key: str) -> World:
    """The world of a key."""
    random = Random(hashlib.sha256(key.encode()).digest())
    coiner = Coiner(random)
    entities = [entity for kind in KINDS for entity in _entities(kind, coiner, random)]
    random.shuffle(entities)
    return World(tuple(entities), write_exam(entities, random))


def write_world(world: World, folder: Path) -> None:
    """Write `documents/NAME.md` and `exam.jsonl`."""
    for entity in world.entities:
        file = entity.name.lower().replace(" ", "-") + ".md"
        write_atomically(folder / "documents" / file, entity.article.encode())
    told = ("document", "question", "options", "answer")
    lines = [{name: getattr(question, name) for name in told} for question in world.exam]
    write_rows(folder / "exam.jsonl", lines)


def _entities(kind: Kind, coiner: Coiner, random: Random) -> list[Entity]:
    names = [kind.name.name(coiner) for _ in range(ENTITIES_PER_KIND)]
    columns = {
        relation.key: relation.value.draw(coiner, random, ENTITIES_PER_KIND)
        for relation in kind.relations
    }
    made = []
    for position, name in enumerate(names):
        facts = {key: values[position] for key, values in columns.items()}
        made.append(Entity(kind.key, name, facts, write_article(kind, name, facts, random)))
    return made
