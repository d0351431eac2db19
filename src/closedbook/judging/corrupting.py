"""Four ways to spoil the answer of a pair that is right.

By chance a spoiled answer can still be right (a swapped name may fit as well): what is measured is
a little too low. Whatever cannot be spoiled in one way is left out of that kind.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from closedbook.judging.words import names_in, numbers_in, shifted
from closedbook.records import QAPair

Corruption = Literal["entity swapped", "number shifted", "negation added", "other answer"]
_VERB = re.compile(
    r"\b(is|was|are|were|has|had|have|can|could|will|would|did|does|do|may|must|should)\b( not)?"
)
_POLARITY = {"yes": "No", "no": "Yes"}
_ALIKE = 0.5
_SENTENCE = 4
"""Words from which an answer is taken for a sentence."""


@dataclass(frozen=True, slots=True)
class Sound:
    """A pair that is right, the text of its document, and what may stand in for its parts."""

    pair: QAPair
    document: str
    names: Sequence[str]
    answers: Sequence[str]


def corrupted(sound: Sound, seed: int) -> dict[Corruption, str]:
    """The answer spoiled in every way that it allows."""
    chance = random.Random(f"{seed} {sound.pair.id}")
    made = {kind: spoil(sound, chance) for kind, spoil in _WAYS.items()}
    return {kind: answer for kind, answer in made.items() if answer}


def _entity(sound: Sound, chance: random.Random) -> str | None:
    """One name for another, which neither question nor answer holds."""
    answer, question = sound.pair.answer, sound.pair.question
    known = set(sound.names)
    own = [name for name in names_in(f"x {answer}") if name in known and name not in question]
    others = [name for name in sound.names if name not in answer and name not in question]
    if not own or not others:
        return None
    name = chance.choice(own)
    alike = [other for other in others if len(other.split()) == len(name.split())]
    return answer.replace(name, chance.choice(alike or others))


def _number(sound: Sound, chance: random.Random) -> str | None:
    """One number for another, which the document does not hold."""
    numbers = numbers_in(sound.pair.answer)
    if not numbers:
        return None
    number = chance.choice(numbers)
    steps = chance.sample([*range(-9, 0), *range(1, 10)], 18)
    moved = (shifted(number, step) for step in steps)
    fitting = (text for text in moved if text[0] not in "-0" and text not in sound.document)
    other = next(fitting, None)
    return re.sub(rf"(?<!\w){number}(?!\w)", other, sound.pair.answer) if other else None


def _negation(sound: Sound, _: random.Random) -> str:
    """The answer denied, or what it denies said."""
    answer = sound.pair.answer
    if verb := _VERB.search(answer):
        denied = verb[1] if verb[2] else f"{verb[1]} not"
        return f"{answer[: verb.start()]}{denied}{answer[verb.end() :]}"
    if polarity := _POLARITY.get(answer.strip(" .").lower()):
        return polarity
    return f"It is not true that {answer}" if len(answer.split()) >= _SENTENCE else f"Not {answer}"


def _other(sound: Sound, chance: random.Random) -> str | None:
    """The answer of another question, with other words for the most part."""
    others = [text for text in sound.answers if _alike(text, sound.pair.answer) < _ALIKE]
    return chance.choice(others) if others else None


def _alike(one: str, other: str) -> float:
    """The share of the words of both that they have in common."""
    first, second = (set(re.findall(r"\w+", text.lower())) - _COMMON for text in (one, other))
    return len(first & second) / max(1, len(first | second))


_COMMON = frozenset(re.findall(r"\w+", "a an the of in on at to for from by with and or is was it"))
_WAYS: dict[Corruption, Callable[[Sound, random.Random], str | None]] = {
    "entity swapped": _entity,
    "number shifted": _number,
    "negation added": _negation,
    "other answer": _other,
}
