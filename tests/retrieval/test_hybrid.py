"""Passages are found by words, by vectors and by both, in LanceDB; any text is a query."""

from __future__ import annotations

import tempfile
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from closedbook.models.embedding import Vectors
from closedbook.records import Document, Passage
from closedbook.retrieval.hybrid import HybridIndex, fuse

pytestmark = pytest.mark.skipif(not find_spec("lancedb"), reason="LanceDB is not installed")

TEXTS = {
    "River Alba": "It rises in the hills and flows north for ninety miles.",
    "Brega": "The town was founded in 1207 by weavers from the coast.",
    "Ostrava Works": "The company makes pumps, and its owner was born in Brega.",
    "Café Zürich": "A coffee house.",
}
PASSAGES = [
    Passage.make(Document.make(title=title, text=text, source=title), 0, len(text))
    for title, text in TEXTS.items()
]
AXES: Vectors = np.eye(4, dtype=np.float32)


@pytest.fixture(scope="module")
def index() -> HybridIndex:
    return HybridIndex(PASSAGES, AXES)


def titles(found: list[list[Passage]]) -> list[list[str]]:
    return [[passage.title for passage in one] for one in found]


def test_words_find_stems_titles_and_accents(index: HybridIndex) -> None:
    queries = ["Who was the founder, the weaver?", "the river called alba", "cafe zurich"]
    found = titles(index.search(queries, AXES[:3], 2, "lexical"))
    assert [one[0] for one in found] == ["Brega", "River Alba", "Café Zürich"]


def test_vectors_find_the_nearest_in_the_order_of_queries(index: HybridIndex) -> None:
    queries = ["x"] * 3
    wanted = AXES[[2, 0, 3]] + 0.1
    found = titles(index.search(queries, wanted, 1, "vectors"))
    assert found == [["Ostrava Works"], ["River Alba"], ["Café Zürich"]]
    assert titles(index.search(["x"], AXES[1:2], 1, "vectors")) == [["Brega"]]


def test_both_rankings_are_fused_by_rank(index: HybridIndex) -> None:
    (found,) = titles(index.search(["pumps"], AXES[:1], 3, "hybrid"))
    # First by words and last by vectors, and first by vectors alone.
    assert set(found[:2]) == {"Ostrava Works", "River Alba"}
    assert fuse([[1, 2, 3], [3, 1]], 3) == [1, 3, 2]
    assert fuse([[5, 4]], 1) == [5]
    assert fuse([[], [7]], 3) == [7]


@pytest.mark.parametrize(
    "query", ['pumps" OR "', "pumps AND NOT (", "pumps*", "title:pumps", "-pumps", "pumps' --"]
)
def test_operators_are_only_text(index: HybridIndex, query: str) -> None:
    assert titles(index.search([query], AXES[:1], 1, "lexical")) == [["Ostrava Works"]]


@pytest.mark.parametrize("query", ["", "  ", "?!", "unheardof", "🦀"])
def test_a_query_without_known_words_finds_nothing_by_words(index: HybridIndex, query: str) -> None:
    assert index.search([query], AXES[:1], 2, "lexical") == [[]]
    assert len(index.search([query], AXES[:1], 2, "hybrid")[0]) == 2


def test_passages_are_not_written_to_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither beside the project nor where the system keeps its temporary files."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    held = HybridIndex(PASSAGES, AXES)
    assert titles(held.search(["founded by weavers"], AXES[1:2], 1)) == [["Brega"]]
    assert not list(tmp_path.rglob("*"))
