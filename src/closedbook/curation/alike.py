"""Finding texts that are nearly equal: MinHash proposes (rensa), the exact similarity decides."""

from __future__ import annotations

from rensa import RMinHash, RMinHashLSH  # type: ignore[import-untyped]

from closedbook.curation.text import grams, similarity

HASHES = 64
BANDS = 16
"""Bands of four: texts of similarity 0.8 are proposed with a probability over 0.999."""
SEED = 1


class Alike:
    """Texts by the order in which they were added; `least` is the similarity that counts."""

    def __init__(self, least: float) -> None:
        self._least = least
        self._index = RMinHashLSH(least, HASHES, BANDS)
        self._grams: list[frozenset[str]] = []

    def find(self, text: str) -> list[int]:
        """The numbers of those that are nearly `text`, the first first."""
        if self._least >= 1 or not self._grams:
            return []
        wanted = grams(text)
        proposed = sorted(self._index.query(_hashed(wanted)))
        return [n for n in proposed if similarity(wanted, self._grams[n]) >= self._least]

    def add(self, text: str) -> None:
        own = grams(text)
        self._index.insert(len(self._grams), _hashed(own))
        self._grams.append(own)


def _hashed(own: frozenset[str]) -> RMinHash:
    minhash = RMinHash(HASHES, SEED)
    minhash.update(sorted(own))
    return minhash
