"""What stands beside a question: nothing, the passage that answers it, its document, or passages
among which the right one may be missing.

Knows passages and pairs, not turns. A question whose answering passage cannot be told is left out
of the forms that need one: another passage beside it would teach guessing.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache, partial
from typing import TypeVar

from closedbook.config import MixSource
from closedbook.mixing.material import Material
from closedbook.records import Passage, QAPair, plain
from closedbook.retrieval import LexicalIndex

QUESTIONS_PER_CONTEXT = 8
SUPPORT = 0.8
"""Share of an answer's words that its passage holds, where nobody quoted the passage."""
Item = TypeVar("Item")
Beside = Callable[[QAPair], Sequence[str] | None]
"""The texts shown before a question; None if it cannot be asked in this form."""


def _alone(_material: Material, _pair: QAPair) -> Sequence[str]:
    """Questions as they are asked closed book."""
    return ()


def _with_passage(material: Material, pair: QAPair) -> Sequence[str] | None:
    """The passage that answers."""
    gold = answering(material, pair, loosely=True)
    return None if gold is None else (gold.text,)


def _with_document(material: Material, pair: QAPair) -> Sequence[str] | None:
    """The whole document."""
    document = material.documents.get(pair.document_id)
    return None if document is None else (document.text,)


def _among_others(
    material: Material, source: MixSource, generator: random.Random, index: LexicalIndex
) -> Beside:
    """The passage that answers among others that retrieval finds, as a RAG prompt shows them; in a
    share of the rows it is missing (RAFT, arXiv 2403.10131)."""
    every = [passage for own in material.passages.values() for passage in own]
    wanted = source.distractors

    def beside(pair: QAPair) -> Sequence[str] | None:
        gold = answering(material, pair, loosely=True)
        if gold is None:
            return None
        found = index.search(pair.question, wanted + 2)
        # Retrieval finds nothing that shares no word with the question.
        spare = generator.sample(every, min(len(every), 2 * wanted + 3))
        others = [passage for passage in dict.fromkeys([*found, *spare]) if passage != gold]
        missing = generator.random() < source.without_right
        shown = others[: wanted + 1] if missing else [gold, *others[:wanted]]
        return [passage.text for passage in shuffled(shown, generator)]

    return beside


_PLAIN = {"closed_book": _alone, "passage": _with_passage, "open_book": _with_document}


@contextmanager
def context(material: Material, source: MixSource, generator: random.Random) -> Iterator[Beside]:
    """What stands beside the questions of a source, by its form."""
    if source.form == "raft":
        with _index(material) as index:
            yield _among_others(material, source, generator, index)
    else:
        yield partial(_PLAIN[source.form], material)


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
