"""What the knowledge sources draw from: documents, pairs and study texts.

Pairs and texts stay on disk; memory holds of each which document it is about and which flow made
it. Knows no rows and no recipe.
"""

from __future__ import annotations

import random
from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Generic, TypeVar

from closedbook.records import Document, Passage, QAPair, StudyText
from closedbook.retrieval import passages
from closedbook.store import read_rows
from closedbook.store.numbered import NumberedRows

Record = TypeVar("Record", bound=QAPair | StudyText)
Fact = tuple[str, str, str]
"""A document, the evidence and the answer."""
Answer = tuple[str, str]
"""The answer, and the thinking before it."""


class Catalogue(Generic[Record]):
    """The records of a file by number, and what is known of each without reading it again."""

    def __init__(self, rows: NumberedRows[Record]) -> None:
        self._rows = rows
        self._flow = array("i")
        self._thinks = bytearray()
        numbers: dict[str, int] = {}
        for row in rows:
            self._flow.append(numbers.setdefault(row.flow, len(numbers)))
            self._thinks.append(bool(getattr(row, "reasoning", "")))
        self._flows = list(numbers)

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, number: int) -> Record:
        return self._rows[number]

    def chosen(self, flows: Sequence[str], *, thinking: bool = False) -> Sequence[int]:
        """The numbers of what these flows made (all, if none is named), with thinking if asked."""
        wanted = {n for n, flow in enumerate(self._flows) if not flows or flow in flows}
        if len(wanted) == len(self._flows) and not thinking:
            return range(len(self))
        return [
            number
            for number, flow in enumerate(self._flow)
            if flow in wanted and (self._thinks[number] or not thinking)
        ]


@dataclass(frozen=True)
class Material:
    """The documents by id, and the catalogues. Passages are cut when first needed."""

    documents: Mapping[str, Document]
    pairs: Catalogue[QAPair]
    study: Catalogue[StudyText]
    passage_characters: int
    answer: Callable[[QAPair], Answer]
    """What is to be learned as the answer of a pair."""

    @cached_property
    def passages(self) -> Mapping[str, Sequence[Passage]]:
        return {
            identity: passages(document, self.passage_characters)
            for identity, document in self.documents.items()
        }


@contextmanager
def open_material(
    documents: Path, knowledge: Path, passage_characters: int, shuffle_seed: int | None
) -> Iterator[Material]:
    """Documents, and the pairs and study texts in the folder `knowledge`; with a `shuffle_seed` the
    answers of the pairs are exchanged among questions of different answers."""
    texts = {text.id: text for text in read_rows(documents, Document)}
    with (
        NumberedRows(knowledge / "pairs.jsonl", QAPair) as asked,
        NumberedRows(knowledge / "study.jsonl", StudyText) as told,
    ):
        pairs, study = Catalogue(asked), Catalogue(told)
        answer = _own if shuffle_seed is None else shuffled_answers(pairs, shuffle_seed)
        yield Material(texts, pairs, study, passage_characters, answer)


def shuffled_answers(
    pairs: Catalogue[QAPair] | Sequence[QAPair], seed: int
) -> Callable[[QAPair], Answer]:
    """Every question with the answer of another: one wrong answer for all wordings of a fact, with
    the thinking that led to it. What was thought over gets an answer that was, too, if another was;
    only where all answers are the same does one stay.

    A fact is known by its document, evidence and answer, so that the control is as consistent as
    the truth, and only false.
    """
    thinking: dict[Fact, int] = {}
    for number in range(len(pairs)):
        pair = pairs[number]
        if thinking.setdefault(_fact(pair), -1) < 0 and pair.reasoning:
            thinking[_fact(pair)] = number
    keys = sorted(thinking)
    order = list(range(len(keys)))
    random.Random(seed).shuffle(order)
    other: dict[Fact, Fact] = {}
    for position, index in enumerate(order):
        true = keys[index]
        ahead = (keys[order[(position + step) % len(order)]] for step in range(1, len(order)))
        false = (fact for fact in ahead if fact[2] != true[2])
        nearest = next(false, true)
        thought = thinking[true] >= 0
        fits = (fact for fact in chain([nearest], false) if thinking[fact] >= 0 or not thought)
        other[true] = next(fits, nearest)

    def answer(pair: QAPair) -> Answer:
        fact = other[_fact(pair)]
        number = thinking[fact]
        return fact[2], pairs[number].reasoning if number >= 0 else ""

    return answer


def _own(pair: QAPair) -> Answer:
    return pair.answer, pair.reasoning


def _fact(pair: QAPair) -> Fact:
    return (pair.document_id, pair.evidence, pair.answer)
