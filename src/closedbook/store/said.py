"""What local models said: a small file of answers by the hash of what was asked and of whom.

As the journal does for endpoints: a killed evaluation goes on where it was, an edited exam asks
only what is new, and other weights never meet their predecessor's answers, since the key holds the
digest of the weights. Knows neither questions nor models. It may be deleted at any time.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import orjson

MOST_KEYS = 500
"""Keys looked up by one statement."""


def said_key(*parts: Any) -> bytes:
    """A hash of what was asked: any JSON values."""
    canonical = orjson.dumps(parts, option=orjson.OPT_SORT_KEYS)
    return hashlib.blake2b(canonical, digest_size=20).digest()


class SaidBefore:
    """Answers by key, each a JSON text. Opened for every use: several stages share the file."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def get(self, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        """Those of the answers that are there."""
        if not self._file.exists():
            return {}
        found: dict[bytes, bytes] = {}
        with closing(self._open()) as database:
            for start in range(0, len(keys), MOST_KEYS):
                some = keys[start : start + MOST_KEYS]
                marks = ",".join("?" * len(some))
                query = f"SELECT key, said FROM said WHERE key IN ({marks})"  # noqa: S608 - marks
                found.update(database.execute(query, some))
        return found

    def put(self, answers: Mapping[bytes, bytes]) -> None:
        """Keep answers; they are on disk when this returns."""
        with closing(self._open()) as database, database:
            database.executemany("INSERT OR REPLACE INTO said VALUES (?, ?)", answers.items())

    def _open(self) -> sqlite3.Connection:
        self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._file.touch(mode=0o600)
        database = sqlite3.connect(self._file)
        database.execute(
            "CREATE TABLE IF NOT EXISTS said (key BLOB PRIMARY KEY, said BLOB NOT NULL)"
            " WITHOUT ROWID"
        )
        return database
