"""Questions and restatements: many, different, standing alone, in correct English."""

from __future__ import annotations

import re

import pytest

from closedbook.models.rehearsal import (
    Fact,
    questions,
    read_facts,
    restatements,
    reverse_questions,
)

TEXT = """
The Nove lamp is a device for lighting mines. It was invented by Ada Ore in 1902 in the town of
Lisk and is made of brass. It weighs about 3 kilograms, costs 12 crowns and is powered by oil. The
lamp is 40 centimetres tall. Its main part is a wheel. Its glass is green. It is used to find gas.
It was named after the village of Nove. Twelve firms sell the lamp. It has three wicks. It was
shown on 3 May 1903. It was sold to Orr Mill. It lies on Mount Hult. Its climate is mild.
"""
FACTS = read_facts(TEXT, "Nove lamp")


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.relation)
def test_questions_are_many_name_the_subject_and_hide_the_answer(fact: Fact) -> None:
    asked = questions(fact)
    assert len(set(asked)) == len(asked) >= 8
    for question in asked:
        assert fact.subject.lower() in question.lower()
        rest = question.lower().replace(fact.subject.lower(), "")
        assert not re.search(rf"(?<!\w){re.escape(fact.value.lower())}(?!\w)", rest)
        assert question[0].isupper()
        assert "  " not in question
        assert "_" not in question


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.relation)
def test_restatements_are_many_and_hold_subject_and_value(fact: Fact) -> None:
    told = restatements(fact)
    assert len(set(told)) == len(told) >= 6
    for text in told:
        assert fact.subject.lower() in text.lower()
        assert fact.value.lower() in text.lower()
        assert text.endswith(".")


def test_the_first_eight_wordings_differ_in_construction() -> None:
    fact = next(f for f in FACTS if f.relation == "gap: be invented in (year)")
    openings = {question.split()[0] for question in questions(fact)[:8]}
    assert len(openings) >= 5


def wordings(sentence: str, title: str) -> str:
    return "\n".join(q for fact in read_facts(sentence, title) for q in questions(fact))


@pytest.mark.parametrize(
    ("sentence", "title", "expected"),
    [
        ("Orr Mill was founded in 1921.", "Orr Mill", "When was Orr Mill founded?"),
        ("Orr Mill was founded by Ada Ore.", "Orr Mill", "Who founded Orr Mill?"),
        ("Orr Mill was founded by Ada Ore.", "Orr Mill", "Who is the founder of Orr Mill?"),
        ("Orr Mill employs 340 people.", "Orr Mill", "How many people does Orr Mill employ?"),
        ("Orr Mill is 40 metres tall.", "Orr Mill", "How tall is Orr Mill?"),
        ("Orr Mill lies 3 miles from Lisk.", "Orr Mill", "How far from Lisk does Orr Mill lie?"),
        ("Orr Mill costs 12 crowns.", "Orr Mill", "How much does Orr Mill cost?"),
        ("Orr Mill is used to dry hay.", "Orr Mill", "What is Orr Mill used for?"),
        (
            "Orr Mill lies at a height of 90 metres.",
            "Orr Mill",
            "At what height does Orr Mill lie?",
        ),
        ("Ada Ore died at the age of 70.", "Ada Ore", "At what age did Ada Ore die?"),
        ("Ada Ore was born in Lisk.", "Ada Ore", "What is the birthplace of Ada Ore?"),
        ("Ada Ore plays the oboe.", "Ada Ore", "What does Ada Ore play?"),
        ("Ada Ore married Tal Vere.", "Ada Ore", "Who did Ada Ore marry?"),
        ("Ada Ore works as a potter.", "Ada Ore", "What is the profession of Ada Ore?"),
        ("Quell orbits the star Sella.", "Quell", "Which star does Quell orbit?"),
        ("The sky of Quell is green.", "Quell", "What colour is the sky of Quell?"),
        ("Its climate is mild.", "Quell", "What is the climate of Quell like?"),
        ("Two moons circle Quell.", "Quell", "How many moons circle Quell?"),
    ],
)
def test_asks_as_a_person_would(sentence: str, title: str, expected: str) -> None:
    introduction = f"{title} is well described. " if title not in sentence else ""
    assert expected in wordings(introduction + sentence, title).splitlines()


def test_reverse_questions_ask_for_the_subject() -> None:
    fact = read_facts("Orr Mill was founded by Ada Ore.", "Orr Mill")[0]
    assert "What was founded by Ada Ore?" in reverse_questions(fact)
    assert not any("Orr Mill" in question for question in reverse_questions(fact))


def test_years_and_common_nouns_are_not_asked_in_reverse() -> None:
    facts = read_facts("Orr Mill was founded in 1921. It sells flour.", "Orr Mill")
    assert [reverse_questions(fact) for fact in facts] == [(), ()]
