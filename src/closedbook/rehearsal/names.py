"""Names for people, places and things that exist nowhere, coined from syllables.

Knows nothing of relations or prose. Invariant: one `Coiner` never gives the same name twice, and
two coiners with different generators meet only by chance (a three-syllable stem is one of about
10^9).
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

_ONSETS = (
    "b br c d dr f fl g gr h j k kr l m n p pr qu r s sk st t th tr v w y z".split()  # noqa: SIM905
)
_VOWELS = ("a", "e", "i", "o", "u", "ae", "ei", "ou")
_CODAS = ("l", "m", "n", "nd", "r", "rk", "s", "sk", "t", "th", "v", "x")


class Coiner:
    """Coins each name once."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._used: set[str] = set()

    def person(self) -> str:
        return self._new(lambda: f"{self._stem(2, closed=False)} {self._stem(2)}")

    def place(self) -> str:
        return self._new(lambda: self._stem(2))

    def long_place(self) -> str:
        return self._new(lambda: self._stem(3))

    def ending_in(self, *endings: str) -> str:
        """A stem of two syllables run together with one of `endings`."""
        return self._new(lambda: self._stem(2) + self._random.choice(endings))

    def followed_by(self, *words: str) -> str:
        """A stem of two syllables and one of `words` as a second word."""
        return self._new(lambda: f"{self._stem(2)} {self._random.choice(words)}")

    def preceded_by(self, *words: str) -> str:
        """One of `words` and a stem of two syllables."""
        return self._new(lambda: f"{self._random.choice(words)} {self._stem(2)}")

    def _new(self, coin: Callable[[], str]) -> str:
        while (name := coin()) in self._used:
            pass
        self._used.add(name)
        return name

    def _stem(self, syllables: int, *, closed: bool = True) -> str:
        pick = self._random.choice
        open_part = "".join(pick(_ONSETS) + pick(_VOWELS[:5]) for _ in range(syllables - 1))
        end = pick(_CODAS) if closed or self._random.random() < 0.5 else ""
        return (open_part + pick(_ONSETS) + pick(_VOWELS) + end).capitalize()
