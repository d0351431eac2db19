"""What stands beside a question: nothing, the passage that answers it, its document, or passages
among which the right one may be missing.

Knows passages and pairs, not turns. A question whose answering passage cannot be told is left out
of the forms that need one: another passage beside it would teach guessing.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Self, TypeVar

from closedbook.config import MixSource
from closedbook.mixing.material import Material
from closedbook.records import Passage, QAPair, plain
from closedbook.retrieval import LexicalIndex

QUESTIONS_PER_CONTEXT = 8
SUPPORT = 0.8
"""Share of an answer's words that its passage holds, where nobody quoted the passage."""
Item = TypeVar("Item")


class Alone:
    """Questions as they are asked closed book. Use every context in a `with` block."""

    def __init__(self, material: Material, source: MixSource, generator: random.Random) -> None:
        self._material = material
        self._source = source
        self._generator = generator

    def beside(self, _: QAPair) -> Sequence[str] | None:
        """The texts shown before the question; None if it cannot be asked in this form."""
        return ()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Free what the context holds."""


class WithPassage(Alone):
    """The passage that answers."""

    def beside(self, pair: QAPair) -> Sequence[str] | None:
        gold = answering(self._material, pair, loosely=True)
        return None if gold is None else (gold.text,)


class WithDocument(Alone):
    """The whole document."""

    def beside(self, pair: QAPair) -> Sequence[str] | None:
        document = self._material.documents.get(pair.document_id)
        return None if document is None else (document.text,)


class AmongOthers(Alone):
    """The passage that answers among others that retrieval finds, as a RAG prompt shows them; in a
    share of the rows it is missing (RAFT, arXiv 2403.10131)."""

    def __init__(self, material: Material, source: MixSource, generator: random.Random) -> None:
        super().__init__(material, source, generator)
        self._index = _index(material)
        self._every = [passage for own in material.passages.values() for passage in own]

    def beside(self, pair: QAPair) -> Sequence[str] | None:
        gold = answering(self._material, pair, loosely=True)
        if gold is None:
            return None
        wanted = self._source.distractors
        found = [*self._index.search(pair.question, wanted + 2)]
        # Retrieval finds nothing that shares no word with the question.
        spare = self._generator.sample(self._every, min(len(self._every), 2 * wanted + 3))
        others = [passage for passage in dict.fromkeys([*found, *spare]) if passage != gold]
        missing = self._generator.random() < self._source.without_right
        shown = others[: wanted + 1] if missing else [gold, *others[:wanted]]
        return [passage.text for passage in shuffled(shown, self._generator)]

    def __exit__(self, *_: object) -> None:
        self._index.close()


CONTEXTS: dict[str, Callable[[Material, MixSource, random.Random], Alone]] = {
    "closed_book": Alone,
    "passage": WithPassage,
    "open_book": WithDocument,
    "raft": AmongOthers,
}


def conversation_rows(
    material: Material, chosen: Sequence[int], generator: random.Random
) -> Iterator[tuple[list[QAPair], list[str]]]:
    """Conversations about a passage: up to QUESTIONS_PER_CONTEXT questions that it answers, and the
    texts shown: it and the best other one that retrieval finds for the first question."""
    answered = _by_passage(material, chosen)
    conversations = [
        (passage, numbers[start : start + QUESTIONS_PER_CONTEXT])
        for passage, every in answered.items()
        for numbers in [shuffled(every, generator)]
        for start in range(0, len(numbers), QUESTIONS_PER_CONTEXT)
    ]
    with _index(material) as index:
        for gold, numbers in shuffled(conversations, generator):
            pairs = [material.pairs[number] for number in numbers]
            found = index.search(pairs[0].question, 2)
            shown = [gold, *[passage for passage in found if passage != gold][:1]]
            yield pairs, [passage.text for passage in shuffled(shown, generator)]


def answering(material: Material, pair: QAPair, *, loosely: bool = False) -> Passage | None:
    """The passage of its document that holds the pair's evidence or, failing that, its answer;
    spacing and case aside. `loosely` takes the one that holds most of the answer's words."""
    own = material.passages.get(pair.document_id, ())
    for wanted in filter(None, (_plain(pair.evidence), _plain(pair.answer))):
        for passage in own:
            if wanted in _plain(passage.text):
                return passage
    if not loosely or not own:
        return None
    words = set(_plain(pair.answer).split())
    held = [len(words.intersection(_plain(passage.text).split())) for passage in own]
    best = max(range(len(own)), key=held.__getitem__)
    return own[best] if words and held[best] >= SUPPORT * len(words) else None


def _by_passage(material: Material, chosen: Sequence[int]) -> dict[Passage, list[int]]:
    answered: dict[Passage, list[int]] = {}
    for number in chosen:
        gold = answering(material, material.pairs[number])
        if gold is not None:
            answered.setdefault(gold, []).append(number)
    return answered


def _index(material: Material) -> LexicalIndex:
    return LexicalIndex(passage for own in material.passages.values() for passage in own)


_plain = lru_cache(maxsize=1024)(plain)


def shuffled(items: Sequence[Item], generator: random.Random) -> list[Item]:
    return generator.sample(items, len(items))
