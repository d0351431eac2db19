"""Which sentences of a document the kept pairs touch, and how often.

A pair touches the sentence that its evidence quotes; without evidence, the one that supports its
answer best by words, and every sentence that the answer says again. A sentence that no pair touches
is one the student will hardly learn from questions. Words only: a paraphrase without a shared word
is not seen.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence

from closedbook.curation.text import words
from closedbook.records import QAPair

_END = re.compile(r"(?<=[.!?])[\"'”’)\]]*\s+|\n+")
COMMON = 0.2
"""A word in more than this share of the sentences supports none of them."""
SUPPORT = 0.5
"""Share of an answer's telling words that the best sentence must hold."""
RETOLD = 0.6
"""Share of a sentence's telling words from which an answer says it again."""


def sentences(text: str) -> list[str]:
    """The sentences and headings of a text; what holds no word is none."""
    return [part.strip() for part in _END.split(text) if words(part)]


class Coverage:
    """The sentences of a text; `times[i]` says how many pairs touch sentence i, `quoted[i]` how
    many of them by evidence."""

    def __init__(self, text: str, times: Sequence[int] = (), quoted: Sequence[int] = ()) -> None:
        self._spoken = [f" {' '.join(words(sentence))} " for sentence in sentences(text)]
        self.times = [*times] or [0] * len(self._spoken)
        self.quoted = [*quoted] or [0] * len(self._spoken)
        where: dict[str, list[int]] = defaultdict(list)
        for number, sentence in enumerate(self._spoken):
            for word in dict.fromkeys(sentence.split()):
                where[word].append(number)
        most = max(1, COMMON * len(self._spoken))
        self._where = {word: at for word, at in where.items() if len(at) <= most}
        self._telling = Counter(number for at in self._where.values() for number in at)

    def touch(self, pair: QAPair) -> None:
        quoted = self._quoted(pair.evidence) if pair.evidence else []
        for number in quoted:
            self.quoted[number] += 1
        for number in quoted or self._supporting(pair):
            self.times[number] += 1

    def _quoted(self, evidence: str) -> list[int]:
        quote = f" {' '.join(words(evidence))} "
        return [n for n, told in enumerate(self._spoken) if told in quote or quote in told]

    def _supporting(self, pair: QAPair) -> set[int]:
        answer = [word for word in dict.fromkeys(words(pair.answer)) if word in self._where]
        held = Counter(number for word in answer for number in self._where[word])
        retold = {n for n, count in held.items() if count >= max(2, RETOLD * self._telling[n])}
        if not held or max(held.values()) < SUPPORT * len(answer):
            return retold
        question = dict.fromkeys(words(pair.question))
        asked = Counter(number for word in question for number in self._where.get(word, ()))
        return retold | {max(held, key=lambda number: (held[number], asked[number], -number))}
