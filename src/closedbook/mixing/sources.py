"""From a source of a recipe to its training rows, pass by pass.

A source may draw at random (which passages stand beside a question), so each pass over it is made
with its own generator and differs.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from closedbook.config import MixSource
from closedbook.errors import StepError
from closedbook.mixing.material import Material
from closedbook.mixing.pairs import context, conversation_rows, shuffled
from closedbook.mixing.replay import Replay
from closedbook.models.profiles import Profile, Switch
from closedbook.models.resolving import switched
from closedbook.records import Message, StudyText, TrainingRow
from closedbook.students.prompting import ask_messages, study_messages

INSTRUCTIONS = (
    "Summarise this text.",
    "Say what this text tells, in your own words.",
    "What should somebody who has not read this know of it?",
    "Write down the essentials of the text above.",
    "Give an account of this document for a colleague.",
    "Put the content of this document into a shorter form.",
)
"""What summaries are asked for with, where a recipe does not say."""
Pass = Callable[[random.Random], Iterator[TrainingRow | StepError]]
"""One pass over a source, in an order of the generator's choosing; an error is a row that cannot
be used."""


@dataclass(frozen=True, slots=True)
class Making:
    """What rows are made from, and for whom: `profile` says how the student is told to think or
    not, and how its thinking is written."""

    material: Material
    replay: Replay | None
    profile: Profile

    def rows(self, source: MixSource) -> Pass:
        """The passes over a source."""
        make = _MAKE[source.of]
        return lambda generator: make(self, source, generator)

    def row(
        self, source: MixSource, turns: Sequence[Message], document_id: str = ""
    ) -> TrainingRow:
        """With thinking switched as the source says, where the family can. What a switch says in a
        request's body is the chat template's to do, by the row's `thinking`."""
        switch = self.profile.thinking.switch(source.thinking) or Switch()
        told = switched(turns, switch)
        return TrainingRow(source.name, told, source.policy, document_id, source.thinking)

    def answer(self, text: str, reasoning: str = "") -> Message:
        """The assistant's turn, with its thinking between the family's marks."""
        if not reasoning:
            return Message("assistant", text)
        opening, closing = self.profile.thinking.tags[0]
        return Message("assistant", f"{opening}\n{reasoning.strip()}\n{closing}\n\n{text}")


Rows = Iterator[TrainingRow | StepError]


def _pairs(making: Making, source: MixSource, generator: random.Random) -> Rows:
    material = making.material
    chosen = material.pairs.chosen(source.flows, thinking=source.thinking is True)
    if source.form == "conversation":
        for pairs, shown in conversation_rows(material, chosen, generator):
            asked: list[Message] = []
            for pair in pairs:
                asked += ask_messages(pair.question, () if asked else shown)
                asked.append(making.answer(material.answer(pair)[0]))
            yield making.row(source, asked, pairs[0].document_id)
        return
    with context(material, source, generator) as beside_of:
        for number in shuffled(chosen, generator):
            pair = material.pairs[number]
            beside = beside_of(pair)
            if beside is not None:
                answer, reasoning = material.answer(pair)
                told = making.answer(answer, reasoning if source.thinking else "")
                turns = (*ask_messages(pair.question, beside), told)
                yield making.row(source, turns, pair.document_id)


def _study(making: Making, source: MixSource, generator: random.Random) -> Rows:
    """The teacher's study texts, to learn as they are."""
    for text in _texts(making, source, generator):
        yield making.row(source, study_messages(text.title, text.text), text.document_id)


def _summaries(making: Making, source: MixSource, generator: random.Random) -> Rows:
    """The same texts as exercises: the document, a request for its summary, the text."""
    for text in _texts(making, source, generator):
        document = making.material.documents.get(text.document_id)
        if document is None:
            yield StepError("its document is gone")
            continue
        request = generator.choice(source.instructions or INSTRUCTIONS)
        asked = ask_messages(request, (document.text,))
        turns = (*asked, Message("assistant", text.text.strip()))
        yield making.row(source, turns, text.document_id)


def _texts(making: Making, source: MixSource, generator: random.Random) -> Iterator[StudyText]:
    study = making.material.study
    return (study[number] for number in shuffled(study.chosen(source.flows), generator))


def _documents(making: Making, source: MixSource, generator: random.Random) -> Rows:
    """The documents themselves, passage by passage."""
    every = [passage for own in making.material.passages.values() for passage in own]
    for passage in shuffled(every, generator):
        yield making.row(source, study_messages(passage.title, passage.text), passage.document_id)


def _replayed(making: Making, source: MixSource, generator: random.Random) -> Rows:
    replay = making.replay
    if replay is None:
        return
    for number in shuffled(range(len(replay)), generator):
        try:
            turns = replay[number]
        except StepError as problem:
            yield problem
        else:
            yield making.row(source, turns)


_MAKE: dict[str, Callable[[Making, MixSource, random.Random], Rows]] = {
    "pairs": _pairs,
    "study": _study,
    "summaries": _summaries,
    "documents": _documents,
    "replay": _replayed,
}
