"""Passages are exact stretches of their document and cover its words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from closedbook.records import Document
from closedbook.retrieval import passages

PIECES = st.sampled_from(
    [
        "# H\n",
        "\n\n",
        "\n",
        "word ",
        "Sätze. ",
        "✨",
        " ",
        "- a\n",
        "    code\n",
        "> q\n",
        "| a |\n|-|\n",
    ]
)
TEXT = st.one_of(st.text(), st.lists(PIECES, max_size=60).map("".join))


def document(text: str) -> Document:
    return Document.make(title="T", text=text, source="s")


@given(TEXT, st.integers(1, 80))
def test_offsets_are_exact_and_only_white_space_is_left_out(text: str, characters: int) -> None:
    reached = 0
    for passage in passages(document(text), characters):
        assert text[passage.start : passage.end] == passage.text
        assert 0 < len(passage.text) <= characters
        assert passage.start >= reached
        assert not text[reached : passage.start].strip()
        reached = passage.end
    assert not text[reached:].strip()


def test_sections_are_kept_together_where_they_fit() -> None:
    text = "# One\n\nFirst words here.\n\n# Two\n\nSecond words here."
    assert [passage.text for passage in passages(document(text), 30)] == [
        "# One\n\nFirst words here.",
        "# Two\n\nSecond words here.",
    ]


def test_a_passage_knows_its_document() -> None:
    origin = document("words")
    (passage,) = passages(origin, 100)
    assert (passage.document_id, passage.title) == (origin.id, "T")


@pytest.mark.parametrize("text", ["", " \n\n "])
def test_nothing_gives_no_passages(text: str) -> None:
    assert passages(document(text), 100) == []
