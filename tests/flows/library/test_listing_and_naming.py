"""Lists become rows; questions name their source as the scope wants."""

from __future__ import annotations

import pytest

from closedbook.errors import StepError
from closedbook.flows.library.steps.listing import items, list_facts, list_strategies
from closedbook.flows.library.steps.naming import names_source


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("- one\n- two\n- one", ["one", "two"]),
        ("The facts:\n\n1. one\n2) two\n   and more\n* three", ["one", "two and more", "three"]),
        ("one\n\ntwo", ["one", "two"]),
        ("- [NOTHING]", []),
        ("[NOTHING]", []),
        ("", []),
        ("- 1921 was good\n- -5 degrees are cold", ["1921 was good", "-5 degrees are cold"]),
    ],
)  # fmt: skip
def test_a_list_becomes_its_items(text: str, expected: list[str]) -> None:
    assert items(text) == expected
    assert list_facts({"atomic_facts": text}) == [{"fact": item} for item in expected]
    assert list_strategies({"strategies": text}) == [{"strategy": item} for item in expected]


def named(
    question: str, scope: str, organisation: str = "", title: str = "The Mill: A Life"
) -> str:
    row = {"question": question, "scope": scope, "organisation": organisation, "title": title}
    return names_source(row)["named_by"]


@pytest.mark.parametrize(
    ("question", "scope", "organisation"),
    [
        ('Who dies in "The Mill: A Life"?', "title", ""),
        ("In The Mill, a life by Ada Ore, who dies?", "title", ""),
        ("How many weeks of leave are there at Orr Works?", "organisation", "Orr Works"),
        ("Who was Ada Ore?", "none", ""),
    ],
)
def test_a_question_that_names_its_source_goes_on(
    question: str, scope: str, organisation: str
) -> None:
    assert named(question, scope, organisation) == scope


@pytest.mark.parametrize(
    ("question", "scope", "organisation", "problem"),
    [
        ("Who dies in the end?", "title", "", "does not name its document"),
        ('Who dies in "The Ferry"?', "title", "", "does not name its document"),
        ("How much leave is there?", "organisation", "Orr Works", "does not name its organisation"),
        ("How much leave is there?", "organisation", " ", "no organisation is given"),
        ("Who?", "titel", "", "no scope 'titel'"),
    ],
)
def test_one_that_does_not_is_refused(
    question: str, scope: str, organisation: str, problem: str
) -> None:
    with pytest.raises(StepError, match=problem):
        named(question, scope, organisation)


def test_a_document_without_a_title_needs_no_naming() -> None:
    assert named("Who dies?", "title", title="") == "title"
