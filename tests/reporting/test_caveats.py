"""What stands beside a result: stand-ins are named, and what was not shown is said."""

from __future__ import annotations

from closedbook.records import GENERATED
from closedbook.reporting import banner, limits


def test_each_stand_in_is_named_and_real_ones_are_not() -> None:
    assert "program of rules" in banner("rehearsal", "rehearsal")
    assert "less than a million parameters" in banner("rehearsal", "rehearsal")
    assert "less than a million" not in banner("rehearsal", "huggingface")
    assert banner("endpoint", "huggingface") == ""


def told(teacher: str, student: str, *, options: bool = True) -> str:
    return " ".join(limits(teacher, student, unreviewed="", options=options))


def test_the_demonstration_says_that_its_retrieval_is_trivial() -> None:
    text = told("rehearsal", "rehearsal")
    assert "retrieval is trivial" in text
    assert "nothing about real prose or large models" in text
    assert "also wrote the stand-in teacher" in text
    assert "world" not in told("rehearsal", "huggingface")


def test_what_is_said_of_the_made_up_world_holds_for_documents_of_ones_own() -> None:
    text = told("endpoint", "rehearsal")
    assert "If the documents are a world made up by closedbook" in text
    assert "stand-in teacher" not in text


def test_only_an_exam_with_options_is_said_to_have_them() -> None:
    assert "has options" in told("endpoint", "huggingface")
    assert "option" not in told("endpoint", "huggingface", options=False)


def test_an_unreviewed_exam_claims_only_the_plumbing() -> None:
    (text,) = limits("rehearsal", "rehearsal", unreviewed=GENERATED, options=True)
    assert text.startswith(GENERATED)
    assert "closedbook exam accept" in text
    assert "closedbook exam accept" in text
    assert "does not show that anything was learned" in text
