"""Any text is a query, and the passage with its words comes first."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from closedbook.records import Document, Passage
from closedbook.retrieval import LexicalIndex

TEXTS = {
    "River Alba": "It rises in the hills and flows north for ninety miles.",
    "Brega": "The town was founded in 1207 by weavers from the coast.",
    "Ostrava Works": "The company makes pumps, and its owner was born in Brega.",
    "Café Zürich": "A coffee house.",
}


def passage(title: str, text: str) -> Passage:
    return Passage.make(Document.make(title=title, text=text, source=title), 0, len(text))


@pytest.fixture(scope="module")
def index() -> Iterator[LexicalIndex]:
    with LexicalIndex(passage(title, text) for title, text in TEXTS.items()) as made:
        yield made


@pytest.mark.parametrize(
    ("query", "title"),
    [
        ("Where does it rise?", "River Alba"),
        ("In what year was the founding by weavers?", "Brega"),
        ("the river called alba", "River Alba"),
        ("cafe zurich", "Café Zürich"),
        ("PUMPS!!!", "Ostrava Works"),
    ],
)
def test_words_find_their_passage(index: LexicalIndex, query: str, title: str) -> None:
    assert index.search(query, 1)[0].title == title


@pytest.mark.parametrize(
    "query",
    [
        'pumps" OR "', "pumps AND NOT NEAR(", "pumps*", "title:pumps", "-pumps ^pumps {pumps}: (",
        "pumps' -- ; DROP TABLE passages", "pumps \0 \ud800 🦀", "a_pumps pumps ½²",
    ],
)  # fmt: skip
def test_operators_and_odd_characters_are_only_text(index: LexicalIndex, query: str) -> None:
    assert index.search(query, 5)[0].title == "Ostrava Works"


@given(st.text(), st.integers(-1, 3))
def test_no_text_is_an_error(query: str, limit: int) -> None:
    with LexicalIndex([passage("T", "some words and 1 number")]) as small:
        assert len(small.search(query, limit)) <= max(limit, 0)


@pytest.mark.parametrize("query", ["", "   ", "🦀", '"', "?!", "unheardof"])
def test_a_query_without_known_words_finds_nothing(index: LexicalIndex, query: str) -> None:
    assert index.search(query, 5) == []


def test_a_query_as_long_as_a_document_is_answered(index: LexicalIndex) -> None:
    query = " ".join(f"word{number}" for number in range(5000)) + " weavers"
    assert index.search(query, 1)[0].title == "Brega"


def test_equal_scores_keep_the_given_order() -> None:
    same = [passage(f"Topic {letter}", "the same words") for letter in "dbca"]
    with LexicalIndex(same) as made:
        assert made.search("same words", 4) == same
        assert made.search("same words", 2) == same[:2]


def test_an_empty_index_finds_nothing() -> None:
    with LexicalIndex([]) as made:
        assert made.search("words", 3) == []
