"""Exam questions before and after they are answered."""

from __future__ import annotations

from collections import Counter

import pytest

from closedbook.errors import StepError
from closedbook.flows.library.steps.options import (
    compare_short_answers,
    lay_out_options,
    same_answer,
)

DOCUMENT = "Orr Mill was founded by Ada Ore in 1921."


def row(**columns: str) -> dict[str, str]:
    options = {"correct": "Ada Ore", "wrong_1": "Mia Lund", "wrong_2": "Tal Vere"}
    asked = {"question": "Who founded Orr Mill?", "wrong_3": "Odo Krail"}
    return {"document": DOCUMENT, "evidence": DOCUMENT, **options, **asked, **columns}


def test_options_get_letters_in_an_order_of_chance() -> None:
    letters: Counter[str] = Counter()
    for number in range(80):
        given = row(question=f"Who founded mill {number}?")
        laid_out = lay_out_options(given)
        assert f"{laid_out['letter']}) Ada Ore" in laid_out["options"].splitlines()
        assert [line[:3] for line in laid_out["options"].splitlines()] == [
            "A) ",
            "B) ",
            "C) ",
            "D) ",
        ]
        assert lay_out_options(given) == laid_out
        letters[laid_out["letter"]] += 1
    assert min(letters[letter] for letter in "ABCD") > 8


@pytest.mark.parametrize(
    ("columns", "problem"),
    [
        ({"wrong_2": "ada ore."}, "two options are the same"),
        ({"correct": "Ada Ore, who had been a chemist in Velm"}, "not of similar length"),
        ({"correct": "Bo", "wrong_1": "A miller of Lisk", "wrong_2": "A sailor of Orr",
          "wrong_3": "A baker of Velm"}, "not of similar length"),
        ({"wrong_1": "Ada Ore, who had been a chemist in Velm"}, "not of similar length"),
        ({"evidence": "Ada Ore founded it."}, "the evidence is not in the document"),
    ],
)  # fmt: skip
def test_a_question_that_gives_itself_away_is_refused(
    columns: dict[str, str], problem: str
) -> None:
    with pytest.raises(StepError, match=problem):
        lay_out_options(row(**columns))


@pytest.mark.parametrize(
    ("right", "given", "same"),
    [
        ("1921", "in 1921", True),
        ("1,921", "1921", True),
        ("Ada Ore", "It was Ada Ore.", True),
        ("the chemist Ada Ore", "Ada Ore", True),
        ("1921", "1912", False),
        ("40 people", "people", False),
        ("Ada Ore", "Ada Lund", False),
        ("Ada Ore", "UNKNOWN", False),
        ("no", "No.", True),
        ("Ada Ore", "...", False),
    ],
)
def test_short_answers_are_compared_by_what_they_say(right: str, given: str, same: bool) -> None:
    assert same_answer(right, given) is same
    columns = {"answer": right, "open_book": given, "closed_book": "UNKNOWN"}
    compared = compare_short_answers(row(**columns))
    assert compared == {"open_right": "YES" if same else "NO", "closed_right": "NO"}


def test_short_answers_need_evidence_too() -> None:
    with pytest.raises(StepError, match="the evidence is not in the document"):
        compare_short_answers(row(answer="a", open_book="a", closed_book="", evidence="Not there."))
