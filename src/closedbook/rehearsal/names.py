"""Names for people, places and things that exist nowhere, coined from syllables.

Knows nothing of relations or prose. Invariant: one `Coiner` never gives the same name twice, and
two coiners with different generators meet only by chance (a three-syllable stem is one of about
10^7, a person's name one of 10^9).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random

_ONSETS = "b br d dr f g gr h j k kl l m n p r s t v z"
_VOWELS = "aeiou"
_CODAS = "lmnrsktx"
_OPEN = tuple(onset + vowel for onset in _ONSETS.split() for vowel in _VOWELS)
_CLOSED = tuple(
    syllable + _CODAS[(index * 3 + shift) % len(_CODAS)]
    for index, syllable in enumerate(_OPEN)
    for shift in (0, 4)
)
"""A small inventory, so that a tokenizer can hold every syllable whole."""


class Coiner:
    """Coins each name once."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._used: set[str] = set()

    def person(self) -> str:
        return self._new(lambda: f"{self._stem(2, closed=False)} {self._stem(2)}")

    def place(
        self,
        syllables: int = 2,
        before: Sequence[str] = (),
        ending: Sequence[str] = (),
        after: Sequence[str] = (),
    ) -> str:
        """A stem of so many syllables: with one of the words `before` it, run together with one of
        `ending`, with one of the words `after` it."""
        pick = self._random.choice

        def coin() -> str:
            first = f"{pick(before)} " if before else ""
            stem = self._stem(syllables) + (pick(ending) if ending else "")
            return f"{first}{stem} {pick(after)}" if after else first + stem

        return self._new(coin)

    def _new(self, coin: Callable[[], str]) -> str:
        while (name := coin()) in self._used:
            pass
        self._used.add(name)
        return name

    def _stem(self, syllables: int, *, closed: bool = True) -> str:
        pick = self._random.choice
        begin = "".join(pick(_OPEN) for _ in range(syllables - 1))
        return (begin + pick(_CLOSED if closed else _OPEN)).capitalize()
