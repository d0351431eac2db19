"""A verdict is read through every usual decoration, and nothing else is taken for one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from closedbook.flows.parsing import chosen

YES_NO, SCORES = ("YES", "NO"), ("0", "1", "2")


@pytest.mark.parametrize(
    ("text", "choices", "choice"),
    [
        ("YES", YES_NO, "YES"),
        ("**Yes.**", YES_NO, "YES"),
        (" no!\n", YES_NO, "NO"),
        ('"No"', YES_NO, "NO"),
        ("`yes`", YES_NO, "YES"),
        ("(yes)", YES_NO, "YES"),
        ("[NO]", YES_NO, "NO"),
        ("Faithful: yes", YES_NO, "YES"),
        ("**Verdict:** No.", YES_NO, "NO"),
        ("Final answer = YES", YES_NO, "YES"),
        ("2", SCORES, "2"),
        ("2/2", SCORES, "2"),
        ("1 / 2.", SCORES, "1"),
        ("0 out of 2", SCORES, "0"),
        ("Score: 2", SCORES, "2"),
        ("**Rating**: **1/2**", SCORES, "1"),
        ("Partly", ("part", "partly", "not at all"), "partly"),
        ("NOT AT ALL.", ("part", "partly", "not at all"), "not at all"),
        ("Yes, it is.", YES_NO, None),
        ("Yes no", YES_NO, None),
        ("**Yesterday**", YES_NO, None),
        ("YES or NO", YES_NO, None),
        ("yes/no", YES_NO, None),
        ("Is it not sure: yes", YES_NO, None),
        ("3", SCORES, None),
        ("12", SCORES, None),
        ("2.5", SCORES, None),
        ("-1", SCORES, None),
        ("", SCORES, None),
    ],
)
def test_what_a_text_chooses(text: str, choices: tuple[str, ...], choice: str | None) -> None:
    assert chosen(text, "faithful", choices) == choice


@given(st.text())
def test_any_text_is_a_choice_or_none(text: str) -> None:
    assert chosen(text, "score", SCORES) in (*SCORES, None)
