"""What the rehearsal base is pretrained on: rows made of other worlds' documents and questions.

Questions and answers are the rehearsal teacher's own. Knows no tokenizer and no model.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

from closedbook.models.rehearsal import questions, read_facts
from closedbook.records import Message, TrainingRow
from closedbook.rehearsal import Entity, world_from
from closedbook.students import ask_messages, study_messages

PARAGRAPHS_UNTIL = 0.25
PAIRS_FROM = 0.4
COPYING_SHARE = 0.4
REPLAYED_WORLDS = range(1_000_000, 1_000_012)
LONGEST_REPLAYED = 1200
"""Characters, so that a row fits 512 tokens."""
BLURRED_SHARE = 0.4
FORMLESS_SHARE = 0.4
_COMMON_WORDS = (
    "who whom whose what when where which how many much in on at of by to for from with the a an"
    " is was are were did does do has have had and or that this it"
)
_COMMON = frozenset(_COMMON_WORDS.split())
_ONSETS: tuple[str, ...] = (
    *"bcdfghjklmnprstvw",
    "bl",
    "br",
    "ch",
    "cl",
    "cr",
    "dr",
    "fl",
    "gr",
    "pl",
    "pr",
    "qu",
)
_ONSETS += ("sc", "sh", "sl", "sp", "st", "str", "th", "tr", "wh", "")
_VOWELS = (*"aeiou", "ai", "ea", "ee", "oa", "oi", "ou", "y")
_CODAS: tuple[str, ...] = (
    "",
    "",
    "ck",
    "ct",
    "ft",
    "g",
    "l",
    "ll",
    "m",
    "mp",
    "n",
    "nd",
    "ng",
    "nt",
    "p",
    "r",
)
_CODAS += ("rd", "rt", "s", "ss", "st", "t", "v", "w", "x")
_ENDINGS = ("", "", "", "s", "ed", "ing", "er", "le", "y", "ion", "ment", "al")


@dataclass(frozen=True, slots=True)
class Asked:
    """One fact as the teacher asks it; `evidence` is the sentence that tells it."""

    wordings: tuple[str, ...]
    answer: str
    evidence: str


@dataclass(frozen=True, slots=True)
class Lesson:
    """A document and what the teacher can ask about it."""

    entity: Entity
    facts: tuple[Asked, ...]

    @classmethod
    def read(cls, entity: Entity) -> Lesson:
        told = [
            Asked(wordings, fact.value, fact.evidence)
            for fact in read_facts(entity.article, entity.name)
            if fact.subject == entity.name
            and (fact.person or fact.form != "class")
            and (wordings := questions(fact))
        ]
        return cls(entity, tuple(told))


def lessons(key: str) -> list[Lesson]:
    """The readable documents of one world."""
    read = [Lesson.read(entity) for entity in world_from(key).entities]
    return [lesson for lesson in read if lesson.facts]


def document_row(lesson: Lesson, source: str = "documents") -> TrainingRow:
    return TrainingRow(source, study_messages(lesson.entity.name, lesson.entity.article))


def question_row(question: str, answer: str, passages: list[str], source: str) -> TrainingRow:
    return TrainingRow(source, (*ask_messages(question, passages), Message("assistant", answer)))


def copying_row(text: str) -> TrainingRow:
    """The task that teaches a transformer soonest to look back in its context."""
    return TrainingRow("copying", question_row("Repeat.", text, [text], "").messages)


def worded(fact: Asked, name: str, random: Random, blurred_share: float = BLURRED_SHARE) -> str:
    """One of the teacher's wordings, or for a share of them a blurred one."""
    question = random.choice(fact.wordings)
    return blurred(question, name, random) if random.random() < blurred_share else question


def blurred(question: str, name: str, random: Random) -> str:
    """The question as it reads to somebody who does not know its words, or not even its form.

    What the question word, the name and the text leave possible is then the best answer, as it is
    with any wording one meets for the first time.
    """
    if random.random() < FORMLESS_SHARE:
        before, after = (" ".join(coined(random) for _ in range(random.randrange(6))) for _ in "ab")
    else:
        before, after = (
            " ".join(
                word if word.lower() in _COMMON or random.random() < 0.2 else coined(random)
                for word in part.split()
            )
            for part in question.rstrip("?.: ").split(name, 1)
        )
    return f"{before} {name} {after}".strip() + random.choice(("?", "?", ".", ":", " ...?"))


def coined(random: Random) -> str:
    """A word that looks like English and is none."""
    syllables = [
        random.choice(_ONSETS) + random.choice(_VOWELS) + random.choice(_CODAS)
        for _ in range(random.choice((1, 1, 2)))
    ]
    return "".join(syllables) + random.choice(_ENDINGS)


def reading_row(
    asked: Sequence[tuple[str, Asked]],
    passages: list[str],
    random: Random,
    blurred_share: float = BLURRED_SHARE,
) -> TrainingRow:
    """One conversation of questions (name, fact) about passages that are shown at its beginning."""
    messages: list[Message] = []
    for name, fact in asked:
        shown = [] if messages else random.sample(passages, len(passages))
        messages += question_row(
            worded(fact, name, random, blurred_share), fact.answer, shown, ""
        ).messages
    return TrainingRow("reading", tuple(messages))


def paragraph_rows(lesson: Lesson, random: Random) -> Iterator[TrainingRow]:
    """Each paragraph alone, to be repeated or to be asked about."""
    for paragraph in lesson.entity.article.strip().split("\n\n")[1:]:
        facts = [fact for fact in lesson.facts if fact.evidence in paragraph]
        if random.random() < COPYING_SHARE:
            yield copying_row(paragraph)
        elif facts:
            asked = [(lesson.entity.name, fact) for fact in random.sample(facts, len(facts))]
            yield reading_row(asked, [paragraph], random)


def fresh_rows(
    first: int, random: Random, done: float, blurred_share: float = BLURRED_SHARE
) -> Iterator[TrainingRow]:
    """One fresh world: paragraphs at first, then documents alone, then two of a kind at a time,
    asked about by turns. `done` is the share of the training that is over."""
    here = lessons(f"base/fresh/{first}")
    random.shuffle(here)
    for lesson in here:
        if done < PARAGRAPHS_UNTIL:
            yield from paragraph_rows(lesson, random)
            continue
        shown = [lesson]
        if done > PAIRS_FROM and random.random() < 0.7:
            kin = [other for other in here if other.entity.kind == lesson.entity.kind]
            shown += [other for other in random.sample(kin, 1) if other is not lesson]
        asked = [(one.entity.name, fact) for one in shown for fact in one.facts]
        turns = random.choice((1, 4, 8))
        passages = [one.entity.article for one in shown]
        yield reading_row(
            random.sample(asked, min(turns, len(asked))), passages, random, blurred_share
        )


def known_rows(known: list[Lesson], random: Random) -> Iterator[TrainingRow]:
    """Every known document once, and each of its facts asked twice, closed book."""
    for lesson in known:
        yield document_row(lesson)
        for fact in lesson.facts * 2:
            question = worded(fact, lesson.entity.name, random)
            yield question_row(question, fact.answer, [], "qa")


def replay_rows(repeated: list[Lesson], random: Random) -> Iterator[TrainingRow]:
    """What later training repeats: known documents with their questions, and reading in worlds
    that no pretraining step showed, all of it in blurred wordings: reading what is worded in a new
    way is the ability that goes first."""
    yield from known_rows(repeated, random)
    yield from known_rows(repeated, random)
    for world in REPLAYED_WORLDS:
        for row in fresh_rows(world, random, 1.0, blurred_share=1.0):
            if sum(len(message.content) for message in row.messages) <= LONGEST_REPLAYED:
                yield row
