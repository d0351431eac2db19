"""Finding passages by words, by vectors, or by both: LanceDB, embedded, in memory.

Both rankings are fused by rank (reciprocal rank fusion, Cormack et al. 2009, k = 60), so that their
scores need not compare. Any text is a query, never an operator. Equal scores keep the order in
which the passages came. Invariant: nothing of the passages is written to disk.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Literal

import numpy as np

from closedbook.errors import MissingExtra
from closedbook.models.embedding import Vectors
from closedbook.records import Passage

FUSED = 60
"""The k of reciprocal rank fusion."""
TOGETHER = 256
"""Queries whose vectors are searched together."""
THREADS = 4
Search = Literal["lexical", "vectors", "hybrid"]


class HybridIndex:
    """An index over passages, titles included, with a vector of length 1 for each."""

    def __init__(self, passages: Sequence[Passage], vectors: Vectors) -> None:
        """Raises MissingExtra without LanceDB."""
        if not find_spec("lancedb"):
            raise MissingExtra("rag", "lancedb")
        os.environ.setdefault("LANCE_LOG", "error")  # it warns of every new table
        lancedb, pa = import_module("lancedb"), import_module("pyarrow")

        self._passages = passages
        width = vectors.shape[1]
        columns = {
            "place": pa.array(range(len(passages)), pa.int32()),
            "text": pa.array([f"{passage.title}\n{passage.text}" for passage in passages]),
            "vector": pa.FixedSizeListArray.from_arrays(pa.array(vectors.reshape(-1)), width),
        }
        database = lancedb.connect("memory://")
        self._match = import_module("lancedb.query").MatchQuery
        self._table: Any = database.create_table("passages", pa.table(columns))
        words = import_module("lancedb.index").FTS(with_position=False)
        self._table.create_index("text", config=words)

    def search(
        self, queries: Sequence[str], vectors: Vectors, limit: int, search: Search = "hybrid"
    ) -> list[list[Passage]]:
        """For each query, with its vector, at most `limit` passages, the best first."""
        rankings: list[Iterable[list[int]]] = []
        if search != "vectors":
            with ThreadPoolExecutor(THREADS) as pool:
                rankings.append(list(pool.map(lambda query: self._by_words(query, limit), queries)))
        if search != "lexical":
            rankings.append(self._by_vectors(vectors, limit))
        fused = (fuse(both, limit) for both in zip(*rankings, strict=True))
        return [[self._passages[place] for place in places] for places in fused]

    def _by_words(self, query: str, limit: int) -> list[int]:
        if not query.strip():
            return []
        words = self._match(query, "text")
        asked = self._table.search(words, query_type="fts").select(["place", "_score"])
        found = asked.limit(limit).to_arrow()
        scores = found["_score"].to_numpy()
        return _ordered(found["place"].to_numpy(), -scores)

    def _by_vectors(self, vectors: Vectors, limit: int) -> Iterator[list[int]]:
        for start in range(0, len(vectors), TOGETHER):
            batch = vectors[start : start + TOGETHER]
            asked = self._table.search(batch, query_type="vector").distance_type("dot")
            found = asked.select(["place", "_distance"]).limit(limit).to_arrow()
            # Of one query alone the number of the query is not told.
            named = "query_index" in found.column_names
            query = found["query_index"].to_numpy() if named else np.zeros(len(found), int)
            places, distances = found["place"].to_numpy(), found["_distance"].to_numpy()
            for number in range(len(batch)):
                mine = query == number
                yield _ordered(places[mine], distances[mine])


def fuse(rankings: Sequence[Sequence[int]], limit: int) -> list[int]:
    """One ranking of several: each adds 1 / (k + rank) to what it holds."""
    scores: dict[int, float] = {}
    for ranking in rankings:
        for rank, place in enumerate(ranking, 1):
            scores[place] = scores.get(place, 0.0) + 1 / (FUSED + rank)
    return sorted(scores, key=lambda place: (-scores[place], place))[:limit]


def _ordered(places: Any, distances: Any) -> list[int]:
    """By distance, then by place."""
    order = np.lexsort((places, distances))
    return [int(place) for place in places[order]]
