"""Every way to spoil a pair gives a wrong answer of the same look, and always the same one."""

from __future__ import annotations

import pytest

from closedbook.judging.corrupting import Sound, corrupted
from closedbook.judging.words import names_in, numbers_in, shifted
from closedbook.records import QAPair

DOCUMENT = "Mila Torn founded Heron in 1712. Jon Reef is its mayor. It has 1,200 bells."


def sound(answer: str, question: str = "Who founded Heron?") -> Sound:
    pair = QAPair(document_id="d", flow="f", question=question, answer=answer)
    return Sound(pair, DOCUMENT, names_in(DOCUMENT), ["Bells ring at noon.", answer])


def test_a_sentence_is_spoiled_in_four_ways() -> None:
    answer = "Heron was founded by Mila Torn in 1712."
    made = corrupted(sound(answer), seed=0)
    assert made == corrupted(sound(answer), seed=0)
    assert made["entity swapped"] == "Heron was founded by Jon Reef in 1712."
    assert made["negation added"] == "Heron was not founded by Mila Torn in 1712."
    assert made["other answer"] == "Bells ring at noon."
    (year,) = numbers_in(made["number shifted"])
    assert made["number shifted"] == answer.replace("1712", year)
    assert 0 < abs(int(year) - 1712) < 10


@pytest.mark.parametrize(
    ("answer", "denied"),
    [
        ("It was not sold.", "It was sold."),
        ("Yes.", "No"),
        ("a mason", "Not a mason"),
        ("She worked there as mason.", "It is not true that She worked there as mason."),
    ],
)
def test_what_an_answer_says_is_denied(answer: str, denied: str) -> None:
    assert corrupted(sound(answer), seed=0)["negation added"] == denied


def test_what_cannot_be_spoiled_is_left_out() -> None:
    assert set(corrupted(sound("of wood"), seed=0)) == {"negation added", "other answer"}
    assert "entity swapped" not in corrupted(
        sound("Jon Reef", "Who in Heron is not Mila Torn?"), seed=0
    )


def test_names_and_numbers_are_found_by_their_look() -> None:
    assert names_in("The town of Heron met Ada van Ore. Bells rang.") == ["Heron", "Ada van Ore"]
    assert numbers_in("In 1712 it had 1,200 bells, 3.5 km off, A4 paper and 20.") == [
        *("1712", "1,200", "20"),
    ]
    assert (shifted("1712", 3), shifted("1,200", 2), shifted("7", -2)) == ("1715", "1,440", "5")
