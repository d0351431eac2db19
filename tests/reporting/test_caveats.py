"""What stands beside a result: stand-ins are named, and what was not shown is said."""

from __future__ import annotations

from closedbook.records import GENERATED
from closedbook.reporting import banner, limits


def test_each_stand_in_is_named_and_real_ones_are_not() -> None:
    assert "program of rules" in banner("rehearsal", "rehearsal")
    assert "less than a million parameters" in banner("rehearsal", "rehearsal")
    assert "less than a million" not in banner("rehearsal", "huggingface")
    assert banner("endpoint", "huggingface") == ""


def test_the_demonstration_says_that_its_retrieval_is_trivial() -> None:
    text = " ".join(limits("rehearsal", unreviewed=""))
    assert "retrieval is trivial" in text
    assert "nothing about real prose or large models" in text
    assert "made-up world" not in " ".join(limits("huggingface", unreviewed=""))


def test_an_unreviewed_exam_claims_only_the_plumbing() -> None:
    (text,) = limits("rehearsal", unreviewed=GENERATED)
    assert text.startswith(GENERATED)
    assert "closedbook exam accept" in text
    assert "closedbook exam accept" in text
    assert "does not show that anything was learned" in text
