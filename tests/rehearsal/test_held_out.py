"""The exam asks in words that nothing a student is trained on has used."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import pytest

from closedbook.models.rehearsal import questions, read_facts, restatements
from closedbook.records import Question, TrainingRow
from closedbook.rehearsal import World, make_world
from closedbook.store.rows import read_rows
from closedbook.students import REPLAY, RETENTION

RUN = 4
"""Words in a row, a name counting as one, that would betray a shared template."""


def runs(text: str, names: Iterable[str]) -> set[tuple[str, ...]]:
    for name in names:
        text = text.replace(name, "_")
    words = re.findall(r"[\w',]+", text.lower())
    return {tuple(words[i : i + RUN]) for i in range(len(words) - RUN + 1)}


def told(world: World) -> Iterator[tuple[str, str]]:
    """Every document and everything the teacher makes of it, with the document's name."""
    for entity in world.entities:
        yield entity.name, entity.article
        for fact in read_facts(entity.article, entity.name):
            for text in (*questions(fact), *restatements(fact)):
                yield entity.name, text


@pytest.mark.parametrize("seed", [1, 2])
def test_no_exam_wording_stands_in_a_document_or_in_the_teachers_words(seed: int) -> None:
    world = make_world(seed)
    trained = set().union(*(runs(text, [name]) for name, text in told(world)))
    for question in world.exam:
        values = [question.document, *question.options]
        assert not runs(question.question, values) & trained, question.question


def test_no_exam_wording_stands_in_the_replay() -> None:
    retention = list(read_rows(RETENTION, Question))
    names = sorted({q.document for q in retention}, key=len, reverse=True)
    asked = set().union(*(runs(q.question, [q.document]) for q in retention))
    for row in read_rows(REPLAY, TrainingRow):
        text = " ".join(message.content for message in row.messages)
        assert not runs(text, names) & asked


def test_option_lists_stand_in_no_document() -> None:
    world = make_world(3)
    for question in world.exam:
        assert not any(
            all(option in entity.article for option in question.options)
            for entity in world.entities
        )
