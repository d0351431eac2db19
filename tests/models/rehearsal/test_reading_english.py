"""What the rehearsal teacher understands of plain English, and what it leaves alone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from closedbook.models.rehearsal import Fact, read_facts

MILL = "Orr Mill is a mill in Velm. "


def stated(text: str, title: str) -> set[tuple[str, str, str]]:
    return {(fact.subject, fact.relation, fact.value) for fact in read_facts(text, title)}


# introduction of the document: its title; then sentences with a relation and a value they state
TABLE = """
Orr Mill is a mill in Velm: Orr Mill
  It was founded in 1921. | gap: be founded in (year) | 1921
  It was set up by Ada Ore. | agent: set up (person) | Ada Ore
  Ada Ore founded it in 1921. | agent: found (person) | Ada Ore
  Ada Ore founded it in 1921. | gap: be founded in (year) | 1921
  It was Ada Ore who built the mill. | agent: build (person) | Ada Ore
  Founded in 1921, the mill sells flour. | gap: sell (thing) | flour
  Founded in 1921, the mill sells flour. | gap: be founded in (year) | 1921
  It employs about 340 people. | gap: employ (count) | about 340
  Twelve people work for the mill. | agent: work for (count) | twelve
  It has a staff of 40. | noun: staff (count) | 40
  Its chief engineer is Tal Vere. | noun: chief engineer (person) | Tal Vere
  Its owner, Tal Vere, lives in Lisk. | noun: owner (person) | Tal Vere
  Its headquarters are in Lisk. | gap: have its headquarters in (place) | Lisk
  The mill, which stands in Lisk, makes flour and oil. | gap: make (thing) | flour and oil
  The mill, which stands in Lisk, makes flour and oil. | gap: stand in (place) | Lisk
  Orr Mill's motto is “Grain for all”. | noun: motto (name) | “Grain for all”
  Bread is the main product of Orr Mill. | noun: main product (thing) | bread
  In 1950 it moved to Lisk. | gap: move to Lisk in (year) | 1950
  It was bought by Tal Vere; today it sells oil. | gap: sell (thing) | oil
Ada Ore is a chemist and likes tea: Ada Ore
  She was born in Orsk on 3 May 1902. | gap: be born in (place) | Orsk
  She was born in Orsk on 3 May 1902. | gap: be born on (date) | 3 May 1902
  Ada Ore (born 3 May 1902 in Orsk) paints. | gap: be born on (date) | 3 May 1902
  She was born in Orsk and studied law at Lisk College. | gap: study (thing) | law
  She was born in Orsk and studied law at Lisk College. | gap: study law at (place) | Lisk College
  In 1930 she married Tal Vere, a potter. | gap: marry (person) | Tal Vere
  Her husband is called Tal Vere. | noun: husband (person) | Tal Vere
  Ore works as a teacher and collects maps. | gap: collect (thing) | maps
  Ore works as a teacher and collects maps. | gap: work as (thing) | a teacher
  She died in 1980 at the age of 78. | gap: die at the age of (count) | 78
  A native of Orsk, she plays the oboe. | gap: play (thing) | the oboe
  A native of Orsk, she plays the oboe. | gap: come from (place) | Orsk
  Ada Ore was the painter who invented the Nove lamp. | gap: invent (thing) | the Nove lamp
Quell is a small planet: Quell
  Its capital is the town of Dunmere. | noun: capital (name) | Dunmere
  Dunmere is the capital of Quell. | noun: capital (name) | Dunmere
  The planet has three moons. | gap: have (count) | three
  There are two moons around Quell. | gap: have (count) | two
  It orbits the star Sella. | gap: orbit (name) | Sella
  It lies 40 light-years from Earth. | gap: lie … from Earth (measure) | 40 light-years
  The sky of Quell is green. | noun: sky (colour) | green
  With a population of 900, it is quiet. | noun: population (count) | 900
  It was named after the pilot Ines Quellar. | gap: be named after (person) | Ines Quellar
The Nove lamp is a device for lighting mines: the Nove lamp
  It is old. | gap: be used for (thing) | lighting mines
  It is made of brass. | gap: be made of (thing) | brass
  It weighs 3 kilograms, costs 12 crowns and runs on oil. | gap: cost (measure) | 12 crowns
  It weighs 3 kilograms, costs 12 crowns and runs on oil. | gap: run on (thing) | oil
  The lamp is 40 centimetres tall. | gap: be … tall (measure) | 40 centimetres
  It is used to find gas. | gap: be used (purpose) | to find gas
  Its purpose is to find gas. | noun: purpose (purpose) | to find gas
  A Nove lamp costs 12 crowns. | gap: cost (measure) | 12 crowns
"""


def cases() -> Iterator[tuple[str, str, str, str]]:
    introduction = title = ""
    for line in TABLE.strip().splitlines():
        if not line.startswith(" "):
            introduction, _, title = line.partition(": ")
            continue
        sentence, relation, value = (cell.strip() for cell in line.split(" | "))
        yield title, f"{introduction}. {sentence}", relation, value


@pytest.mark.parametrize(("title", "text", "relation", "value"), list(cases()))
def test_says_what_the_sentence_says(title: str, text: str, relation: str, value: str) -> None:
    assert (title, relation, value) in stated(text, title)


@pytest.mark.parametrize(
    "sentence",
    [
        "It was not founded in 1921.",
        "It was never sold to Tal Vere.",
        "It may have been founded in 1921.",
        "It was probably built by Tal Vere.",
        "Was it founded in 1921?",
        "If it was founded in 1921, it is old.",
        "According to legend, it was built by Tal Vere.",
        "Tal Vere claimed that it was built in 1800.",
        "It was planned for 1921.",
        "Nobody knows whether it was founded in 1921.",
        "“It was founded in 1921,” said Tal Vere.",
        "We founded it in 1921.",
        "The church was built in 1921.",
        "The nearest station is at Lisk.",
    ],
)
def test_takes_nothing_from_denials_hedges_questions_and_other_things(sentence: str) -> None:
    assert stated(MILL + sentence, "Orr Mill") == stated(MILL, "Orr Mill")


def test_what_is_said_of_somebody_else_is_not_said_of_the_topic() -> None:
    text = "Orr Mill was founded by Ada Ore. She was born in Lisk. Her brother Tal Vere sells oil."
    facts = stated(text, "Orr Mill")
    assert ("Ada Ore", "gap: be born in (place)", "Lisk") in facts
    assert not any(
        subject == "Orr Mill" and value in {"Lisk", "oil"} for subject, _, value in facts
    )


def test_a_doubtful_she_is_left_alone() -> None:
    text = "Ada Ore is a chemist. Her teacher was Mia Lund. Mia Lund lives in Lisk. She plays oboe."
    assert not [fact for fact in read_facts(text, "Ada Ore") if fact.value == "oboe"]


def test_every_fact_quotes_the_sentence_that_states_it() -> None:
    text = "## Orr Mill\n\n- Orr Mill is **old**.\n- It was founded in 1921 by Dr. Ada Ore.\n"
    assert [fact.evidence for fact in read_facts(text, "Orr Mill")] == [
        "It was founded in 1921 by Dr. Ada Ore.",
        "It was founded in 1921 by Dr. Ada Ore.",
    ]


def test_a_story_yields_dates_and_names_with_its_title_only() -> None:
    text = "Rain fell on Lisk. Mia Lund kicked the door. Mia Lund was born in 1902. She sat down."
    assert [(fact.value, fact.context) for fact in read_facts(text, "The Long Night")] == [
        ("1902", "The Long Night")
    ]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  \n\n",
        "12 34 56\n78",
        "| a | b |\n|---|---|",
        "???",
        "(",
        "a" * 5000,
        "#\n##\n",
        "“”.",
        ", , .",
    ],
)
def test_texts_without_sentences_yield_nothing(text: str) -> None:
    assert read_facts(text, "") == []


def test_relation_is_the_same_for_the_same_thing_said_of_others() -> None:
    first = read_facts("Orr Mill was founded in 1921.", "Orr Mill")
    second = read_facts("Lisk Mill was founded in 1950.", "Lisk Mill")
    assert [fact.relation for fact in first] == [fact.relation for fact in second]
    assert isinstance(first[0], Fact)
