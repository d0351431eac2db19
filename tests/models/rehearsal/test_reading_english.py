"""What the rehearsal teacher understands of plain English, and what it leaves alone."""

from __future__ import annotations

import pytest

from closedbook.models.rehearsal import Fact, read_facts

MILL = "Orr Mill is a mill in Velm. "
PERSON = "Ada Ore is a chemist from Velm. She likes tea. "
PLANET = "Quell is a small planet. "
LAMP = "The Nove lamp is a device for lighting mines. "


def stated(text: str, title: str) -> set[tuple[str, str, str]]:
    return {(fact.subject, fact.relation, fact.value) for fact in read_facts(text, title)}


CASES: list[tuple[str, str, str, str, str]] = [
    # title, sentence after an introduction, subject, relation, value
    ("Orr Mill", MILL + "It was founded in 1921.", "Orr Mill", "gap: be founded in (year)", "1921"),
    ("Orr Mill", MILL + "It was set up by Ada Ore.", "Orr Mill", "agent: set up (person)", "Ada Ore"),
    ("Orr Mill", MILL + "Ada Ore founded it in 1921.", "Orr Mill", "agent: found (person)", "Ada Ore"),
    ("Orr Mill", MILL + "Ada Ore founded it in 1921.", "Orr Mill", "gap: be founded in (year)", "1921"),
    ("Orr Mill", MILL + "It was Ada Ore who built the mill.", "Orr Mill", "agent: build (person)", "Ada Ore"),
    ("Orr Mill", MILL + "Founded in 1921, the mill sells flour.", "Orr Mill", "gap: sell (thing)", "flour"),
    ("Orr Mill", MILL + "Founded in 1921, the mill sells flour.", "Orr Mill", "gap: be founded in (year)", "1921"),
    ("Orr Mill", MILL + "It employs about 340 people.", "Orr Mill", "gap: employ (count)", "about 340"),
    ("Orr Mill", MILL + "Twelve people work for the mill.", "Orr Mill", "agent: work for (count)", "twelve"),
    ("Orr Mill", MILL + "It has a staff of 40.", "Orr Mill", "noun: staff (count)", "40"),
    ("Orr Mill", MILL + "Its chief engineer is Tal Vere.", "Orr Mill", "noun: chief engineer (person)", "Tal Vere"),
    ("Orr Mill", MILL + "Its owner, Tal Vere, lives in Lisk.", "Orr Mill", "noun: owner (person)", "Tal Vere"),
    ("Orr Mill", MILL + "Its headquarters are in Lisk.", "Orr Mill", "gap: have its headquarters in (place)", "Lisk"),
    ("Orr Mill", MILL + "The mill, which stands in Lisk, makes flour and oil.", "Orr Mill", "gap: make (thing)", "flour and oil"),
    ("Orr Mill", MILL + "The mill, which stands in Lisk, makes flour and oil.", "Orr Mill", "gap: stand in (place)", "Lisk"),
    ("Orr Mill", MILL + "Orr Mill's motto is “Grain for all”.", "Orr Mill", "noun: motto (name)", "“Grain for all”"),
    ("Orr Mill", MILL + "Bread is the main product of Orr Mill.", "Orr Mill", "noun: main product (thing)", "bread"),
    ("Orr Mill", MILL + "In 1950 it moved to Lisk.", "Orr Mill", "gap: move to Lisk in (year)", "1950"),
    ("Orr Mill", MILL + "It was bought by Tal Vere; today it sells oil.", "Orr Mill", "gap: sell (thing)", "oil"),
    ("Ada Ore", PERSON + "She was born in Orsk on 3 May 1902.", "Ada Ore", "gap: be born in (place)", "Orsk"),
    ("Ada Ore", PERSON + "She was born in Orsk on 3 May 1902.", "Ada Ore", "gap: be born on (date)", "3 May 1902"),
    ("Ada Ore", "Ada Ore (born 3 May 1902 in Orsk) is a chemist.", "Ada Ore", "gap: be born on (date)", "3 May 1902"),
    ("Ada Ore", PERSON + "She was born in Orsk and studied law at Lisk College.", "Ada Ore", "gap: study (thing)", "law"),
    ("Ada Ore", PERSON + "She was born in Orsk and studied law at Lisk College.", "Ada Ore", "gap: study law at (place)", "Lisk College"),
    ("Ada Ore", PERSON + "In 1930 she married Tal Vere, a potter.", "Ada Ore", "gap: marry (person)", "Tal Vere"),
    ("Ada Ore", PERSON + "Her husband is called Tal Vere.", "Ada Ore", "noun: husband (person)", "Tal Vere"),
    ("Ada Ore", PERSON + "Ore works as a teacher and collects maps.", "Ada Ore", "gap: collect (thing)", "maps"),
    ("Ada Ore", PERSON + "Ore works as a teacher and collects maps.", "Ada Ore", "gap: work as (thing)", "a teacher"),
    ("Ada Ore", PERSON + "She died in 1980 at the age of 78.", "Ada Ore", "gap: die at the age of (count)", "78"),
    ("Ada Ore", PERSON + "A native of Orsk, she plays the oboe.", "Ada Ore", "gap: play (thing)", "the oboe"),
    ("Ada Ore", PERSON + "A native of Orsk, she plays the oboe.", "Ada Ore", "gap: come from (place)", "Orsk"),
    ("Ada Ore", "Ada Ore was a painter who invented the Nove lamp.", "Ada Ore", "gap: invent (thing)", "the Nove lamp"),
    ("Quell", PLANET + "Its capital is the town of Dunmere.", "Quell", "noun: capital (name)", "Dunmere"),
    ("Quell", PLANET + "Dunmere is the capital of Quell.", "Quell", "noun: capital (name)", "Dunmere"),
    ("Quell", PLANET + "The planet has three moons.", "Quell", "gap: have (count)", "three"),
    ("Quell", PLANET + "There are two moons around Quell.", "Quell", "gap: have (count)", "two"),
    ("Quell", PLANET + "It orbits the star Sella.", "Quell", "gap: orbit (name)", "Sella"),
    ("Quell", PLANET + "It lies 40 light-years from Earth.", "Quell", "gap: lie … from Earth (measure)", "40 light-years"),
    ("Quell", PLANET + "A year on Quell lasts 611 days.", "a year on Quell", "gap: last (measure)", "611 days"),
    ("Quell", PLANET + "The sky of Quell is green.", "Quell", "noun: sky (colour)", "green"),
    ("Quell", PLANET + "With a population of 900, it is quiet.", "Quell", "noun: population (count)", "900"),
    ("Quell", PLANET + "It was named after the pilot Ines Quellar.", "Quell", "gap: be named after (person)", "Ines Quellar"),
    ("Nove lamp", LAMP + "It is made of brass.", "the Nove lamp", "gap: be made of (thing)", "brass"),
    ("Nove lamp", LAMP + "It weighs 3 kilograms, costs 12 crowns and runs on oil.", "the Nove lamp", "gap: cost (measure)", "12 crowns"),
    ("Nove lamp", LAMP + "It weighs 3 kilograms, costs 12 crowns and runs on oil.", "the Nove lamp", "gap: run on (thing)", "oil"),
    ("Nove lamp", LAMP + "The lamp is 40 centimetres tall.", "the Nove lamp", "gap: be … tall (measure)", "40 centimetres"),
    ("Nove lamp", LAMP + "It is used to find gas.", "the Nove lamp", "gap: be used (purpose)", "to find gas"),
    ("Nove lamp", LAMP + "Its purpose is to find gas.", "the Nove lamp", "noun: purpose (purpose)", "to find gas"),
    ("Nove lamp", LAMP + "A Nove lamp costs 12 crowns.", "the Nove lamp", "gap: cost (measure)", "12 crowns"),
    ("Nove lamp", LAMP, "the Nove lamp", "gap: be used for (thing)", "lighting mines"),
]


@pytest.mark.parametrize(("title", "text", "subject", "relation", "value"), CASES)
def test_says_what_the_sentence_says(
    title: str, text: str, subject: str, relation: str, value: str
) -> None:
    assert (subject, relation, value) in stated(text, title)


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
    assert not any(subject == "Orr Mill" and value in {"Lisk", "oil"} for subject, _, value in facts)


def test_a_doubtful_she_is_left_alone() -> None:
    text = "Ada Ore is a chemist. Her teacher was Mia Lund. Mia Lund lives in Lisk. She plays the oboe."
    assert not [fact for fact in read_facts(text, "Ada Ore") if fact.value == "the oboe"]


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
    ["", "  \n\n", "12 34 56\n78", "| a | b |\n|---|---|", "???", "(", "a" * 5000, "#\n##\n", "“”.", ", , ."],
)
def test_texts_without_sentences_yield_nothing(text: str) -> None:
    assert read_facts(text, "") == []


def test_relation_is_the_same_for_the_same_thing_said_of_others() -> None:
    first = read_facts("Orr Mill was founded in 1921.", "Orr Mill")
    second = read_facts("Lisk Mill was founded in 1950.", "Lisk Mill")
    assert [fact.relation for fact in first] == [fact.relation for fact in second]
    assert isinstance(first[0], Fact)
