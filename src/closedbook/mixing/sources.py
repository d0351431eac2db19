"""The parts a mixture can be made of: each turns records into training rows.

A source may draw at random (which passages stand beside a question), so each pass over it is made
with its own generator and differs.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from closedbook.errors import InputError
from closedbook.records import Document, Message, Passage, QAPair, StudyText, TrainingRow
from closedbook.retrieval import LexicalIndex, passages
from closedbook.store import read_rows
from closedbook.students.prompting import ask_messages, study_messages

QUESTIONS_PER_CONTEXT = 8
Item = TypeVar("Item")
Pass = Callable[[random.Random], Iterator[TrainingRow]]
"""One pass over a source, in an order of the generator's choosing."""


@dataclass(frozen=True, slots=True)
class Material:
    """What the knowledge sources draw from."""

    documents: Sequence[Document]
    passages: Mapping[str, Sequence[Passage]]
    pairs: Sequence[QAPair]
    study: Sequence[StudyText]


def read_material(
    documents: Path, curated: Path, passage_characters: int, shuffle_seed: int | None
) -> Material:
    """The documents cut into passages, and the curated rows; with a `shuffle_seed` the answers of
    the pairs are exchanged among questions of different answers."""
    texts = list(read_rows(documents, Document))
    pairs = list(read_rows(curated / "pairs.jsonl", QAPair))
    study = list(read_rows(curated / "study.jsonl", StudyText))
    if shuffle_seed is not None:
        pairs = shuffled_answers(pairs, shuffle_seed)
    cut = {text.id: passages(text, passage_characters) for text in texts}
    return Material(texts, cut, pairs, study)


def shuffled_answers(pairs: Sequence[QAPair], seed: int) -> list[QAPair]:
    """Every question with the answer of another: one wrong answer for all wordings of a fact.

    A fact is known by its document, evidence and answer, so that the control is as consistent as
    the truth, and only false.
    """
    keys = sorted({(pair.document_id, pair.evidence, pair.answer) for pair in pairs})
    order = list(range(len(keys)))
    random.Random(seed).shuffle(order)
    other: dict[tuple[str, str, str], str] = {}
    for position, index in enumerate(order):
        true = keys[index][2]
        ahead = (keys[order[(position + step) % len(order)]][2] for step in range(1, len(order)))
        other[keys[index]] = next((answer for answer in ahead if answer != true), true)
    return [
        QAPair.make(
            document_id=pair.document_id,
            flow=pair.flow,
            question=pair.question,
            answer=other[pair.document_id, pair.evidence, pair.answer],
        )
        for pair in pairs
    ]


def question_rows(material: Material) -> Pass:
    """Questions as they are asked closed book."""

    def rows(generator: random.Random) -> Iterator[TrainingRow]:
        for pair in _shuffled(material.pairs, generator):
            yield _answered("qa", [pair], ())

    return rows


def context_rows(material: Material) -> Pass:
    """Conversations about a passage: it and the best other one that retrieval finds for the first
    question, as a RAG prompt would show them; then up to QUESTIONS_PER_CONTEXT questions that it
    answers."""
    answered = _by_passage(material)

    def rows(generator: random.Random) -> Iterator[TrainingRow]:
        with LexicalIndex(
            passage for own in material.passages.values() for passage in own
        ) as index:
            for gold, pairs in _shuffled([*_conversations(answered, generator)], generator):
                found = index.search(pairs[0].question, 2)
                shown = [gold, *[passage for passage in found if passage != gold][:1]]
                texts = [passage.text for passage in _shuffled(shown, generator)]
                yield _answered("qa_with_context", pairs, texts)

    return rows


def study_rows(material: Material) -> Pass:
    """The teacher's study texts, to learn as they are."""

    def rows(generator: random.Random) -> Iterator[TrainingRow]:
        for text in _shuffled(material.study, generator):
            yield TrainingRow(
                "study", study_messages(text.title, text.text), "all", text.document_id
            )

    return rows


def document_rows(material: Material) -> Pass:
    """The documents themselves, passage by passage."""
    every = [passage for own in material.passages.values() for passage in own]

    def rows(generator: random.Random) -> Iterator[TrainingRow]:
        for passage in _shuffled(every, generator):
            messages = study_messages(passage.title, passage.text)
            yield TrainingRow("documents", messages, "all", passage.document_id)

    return rows


def replay_rows(file: Path) -> Pass:
    """General rows that keep older abilities; JSON lines with `messages` (role, content).

    Raises InputError with file:line where a line is none.
    """
    kept: list[ReplayRow] = []
    try:
        kept.extend(read_rows(file, ReplayRow))
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        where = ".".join(map(str, problem["loc"]))
        raise InputError(
            f"{file}:{len(kept) + 1}: no chat row: {where}: {problem['msg']}",
            hint='each line: {"messages": [{"role": "user", "content": "..."}, ...]}',
        ) from None

    def rows(generator: random.Random) -> Iterator[TrainingRow]:
        for row in _shuffled(kept, generator):
            yield TrainingRow("replay", row.messages)

    return rows


@dataclass(frozen=True, slots=True)
class ReplayRow:
    """What is read of a replay file's line; other keys are ignored."""

    messages: tuple[Message, ...]


def _by_passage(material: Material) -> dict[Passage, list[QAPair]]:
    answered: dict[Passage, list[QAPair]] = {}
    for pair in material.pairs:
        gold = _answering(pair, material.passages.get(pair.document_id, ()))
        if gold is not None:
            answered.setdefault(gold, []).append(pair)
    return answered


def _conversations(
    answered: Mapping[Passage, Sequence[QAPair]], generator: random.Random
) -> Iterator[tuple[Passage, list[QAPair]]]:
    for passage, every in answered.items():
        pairs = _shuffled(every, generator)
        for start in range(0, len(pairs), QUESTIONS_PER_CONTEXT):
            yield passage, pairs[start : start + QUESTIONS_PER_CONTEXT]


def _answered(source: str, pairs: Sequence[QAPair], context: Sequence[str]) -> TrainingRow:
    messages: list[Message] = []
    for pair in pairs:
        messages += ask_messages(pair.question, () if messages else context)
        messages.append(Message("assistant", pair.answer))
    return TrainingRow(source, tuple(messages), "assistant", pairs[0].document_id)


def _answering(pair: QAPair, own: Sequence[Passage]) -> Passage | None:
    """The passage that holds the pair's evidence or, failing that, its answer; spacing and case
    aside. None where no passage does: another one beside the question would teach guessing."""
    for wanted in filter(None, (_plain(pair.evidence), _plain(pair.answer))):
        for passage in own:
            if wanted in _plain(passage.text):
                return passage
    return None


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()


def _shuffled(items: Sequence[Item], generator: random.Random) -> list[Item]:
    return generator.sample(items, len(items))
