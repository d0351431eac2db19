"""The fictional world: what an honest exam about it needs."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from closedbook.rehearsal import World, make_world, world_from, write_world
from closedbook.rehearsal.kinds import KINDS
from closedbook.rehearsal.wording import FRAMES, WORDINGS

SEEDS = (1, 2, 2**70)


@pytest.fixture(scope="module", params=SEEDS)
def world(request: pytest.FixtureRequest) -> World:
    return make_world(request.param)


def test_a_seed_names_one_world() -> None:
    assert make_world(7) == make_world(7)
    assert {e.name for e in make_world(7).entities}.isdisjoint(
        e.name for e in make_world(8).entities
    )


@given(st.integers())
@settings(max_examples=20)
def test_any_integer_is_a_seed(seed: int) -> None:
    world = make_world(seed)
    assert len(world.entities) == 40
    assert len(world.exam) == 320


def test_users_seeds_do_not_reach_pretraining_worlds() -> None:
    pretraining = {e.name for i in range(20) for e in world_from(f"base/fresh/{i}").entities}
    users = {e.name for seed in range(20) for e in make_world(seed).entities}
    assert pretraining.isdisjoint(users)


def test_every_fact_stands_in_its_article_and_fits_a_retrieval_chunk(world: World) -> None:
    for entity in world.entities:
        assert entity.article.startswith(f"# {entity.name}\n\n")
        assert len(entity.article) <= 1024
        assert len(entity.facts) == 8
        for value in entity.facts.values():
            assert value in entity.article


def test_prose_has_no_slips(world: World) -> None:
    for entity in world.entities:
        assert "{" not in entity.article
        assert not re.search(r"  |\.\.|\ba [aeiou]\w+ by|,,| ,", entity.article)
        body = entity.article.split("\n\n", 1)[1]
        for sentence in re.split(r"(?<=[.])\s+", body.strip()):
            assert sentence[0].isupper()
            assert sentence.endswith(".")


def test_no_value_belongs_to_two_entities(world: World) -> None:
    told = Counter(
        (entity.kind, relation, value)
        for entity in world.entities
        for relation, value in entity.facts.items()
    )
    assert max(told.values()) == 1


def test_each_question_names_its_document_and_has_one_right_option(world: World) -> None:
    facts = {entity.name: set(entity.facts.values()) for entity in world.entities}
    for question in world.exam:
        assert question.document in question.question
        assert len(set(question.options)) == 4
        true = [option for option in question.options if option in facts[question.document]]
        assert true == [question.options[question.answer]]


def test_every_fact_is_asked_once(world: World) -> None:
    asked = {(question.document, question.options[question.answer]) for question in world.exam}
    assert asked == {(e.name, value) for e in world.entities for value in e.facts.values()}


def test_positions_and_lengths_give_nothing_away(world: World) -> None:
    assert Counter(question.answer for question in world.exam) == dict.fromkeys(range(4), 80)
    points = 0.0
    for question in world.exam:
        longest = max(map(len, question.options))
        best = [i for i, option in enumerate(question.options) if len(option) == longest]
        points += (question.answer in best) / len(best)
    assert points == pytest.approx(80)


@given(st.integers())
@settings(max_examples=20)
def test_any_preference_for_values_scores_chance(seed: int) -> None:
    random = Random(seed)
    taste: dict[str, float] = {}
    points = 0
    for question in make_world(3).exam:
        for option in question.options:
            taste.setdefault(option, random.random())
        points += question.options[question.answer] == max(question.options, key=taste.__getitem__)
    assert points == 80


def test_exam_wording_stands_in_no_document(world: World) -> None:
    texts = [entity.article.lower() for entity in world.entities]
    for question in world.exam:
        frame = question.question.replace(question.document, "").strip(" .?:/").lower()
        assert not any(frame in text for text in texts)


def test_every_relation_has_a_wording_of_each_form_and_thirds_are_even(world: World) -> None:
    assert set(WORDINGS) == {(kind.key, r.key) for kind in KINDS for r in kind.relations}
    names = sorted((e.name for e in world.entities), key=len, reverse=True)
    templates: Counter[str] = Counter()
    frames = {frame.format(n="{n}", entry=w.entry) for frame in FRAMES for w in WORDINGS.values()}
    nouns = {noun for wording in WORDINGS.values() for noun in wording.nouns}
    for question in world.exam:
        name = next(name for name in names if name in question.question)
        template = question.question.replace(name, "{n}")
        form = "frame" if template in frames else "noun" if template in nouns else "clause"
        templates[form] += 1
    assert sorted(templates.values()) == [106, 107, 107]


def test_written_files_hold_the_world(tmp_path: Path) -> None:
    world = make_world(5)
    write_world(world, tmp_path)
    files = sorted((tmp_path / "documents").glob("*.md"))
    assert sorted(file.read_text() for file in files) == sorted(e.article for e in world.entities)
    lines = [json.loads(line) for line in (tmp_path / "exam.jsonl").read_text().splitlines()]
    assert [line["question"] for line in lines] == [q.question for q in world.exam]
    assert {tuple(line) for line in lines} == {("document", "question", "options", "answer")}
    assert [line["options"][line["answer"]] for line in lines] == [
        q.options[q.answer] for q in world.exam
    ]
