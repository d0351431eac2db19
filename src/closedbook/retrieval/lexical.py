"""Finding passages by their words: BM25 in SQLite's full-text index, in memory.

Knows no meaning, only stems: "founded" finds "founding", not "established". The words of a query
are alternatives and never operators, so any text is a query. Equal scores keep the order in which
the passages came.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable

from closedbook.records import Passage

_WORD = re.compile(r"\w+")


class LexicalIndex:
    """An index over passages, titles included. Close it, or use it in a `with` block; it belongs
    to the thread that made it."""

    def __init__(self, passages: Iterable[Passage]) -> None:
        self._passages = list(passages)
        self._database = sqlite3.connect(":memory:")
        self._database.execute(
            "CREATE VIRTUAL TABLE passages USING fts5"
            "(title, text, content='', tokenize='porter unicode61 remove_diacritics 2')"
        )
        rows = ((n, passage.title, passage.text) for n, passage in enumerate(self._passages))
        with self._database:
            self._database.executemany(
                "INSERT INTO passages(rowid, title, text) VALUES (?, ?, ?)", rows
            )

    def search(self, query: str, limit: int) -> list[Passage]:
        """At most `limit` passages that share a word with the query, the best first."""
        words = dict.fromkeys(_WORD.findall(query.casefold()))
        if not words or limit < 1:
            return []
        found = self._database.execute(
            "SELECT rowid FROM passages WHERE passages MATCH ? ORDER BY rank, rowid LIMIT ?",
            (" OR ".join(f'"{word}"' for word in words), limit),
        )
        return [self._passages[number] for (number,) in found]

    def close(self) -> None:
        """Free the index; searching it afterwards is an error."""
        self._database.close()

    def __enter__(self) -> LexicalIndex:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
