"""A fact in many words: questions that stand alone, reverse questions, restatements.

Every question names the subject in full and never holds the answer. The order spreads over
different constructions, so that the first few of a list already differ in frame, verb and noun.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from functools import lru_cache

from closedbook.models.rehearsal import lexicon
from closedbook.models.rehearsal.asks import VerbPhrase, lower, spaced, turned, upper
from closedbook.models.rehearsal.concepts import concept
from closedbook.models.rehearsal.fact import Fact
from closedbook.models.rehearsal.frames import (
    FRAMES,
    Framed,
    agent_parts,
    agent_questions,
    class_questions,
    framed,
    gap_questions,
    noun_parts,
    noun_questions,
)

MOST = 24


def _turn(fact: Fact) -> int:
    """A number that differs from fact to fact, so that facts do not all begin alike."""
    return hashlib.blake2b(f"{fact.subject}|{fact.phrase}".encode(), digest_size=2).digest()[0]


def _told(fact: Fact) -> list[str]:
    return turned(FRAMES["told"], _turn(fact))[:3]


def _verbs(fact: Fact) -> list[str]:
    own = f"~ {fact.phrase}" if fact.form == "agent" else fact.phrase
    whole = f"{own} _ {fact.tail}" if fact.tail else own
    others = [v for v in concept(fact.kind, whole).verbs if "_PRO" not in v or not fact.person]
    return list(dict.fromkeys([whole, *(verb.replace("_PRO", "its") for verb in others)]))


def _nouns(fact: Fact) -> tuple[str, ...]:
    if fact.form == "noun":
        return concept("noun", fact.phrase).nouns or (fact.phrase,)
    if fact.form == "class":
        works = fact.person and fact.unit in lexicon.PROFESSIONS
        return ("profession", "occupation", "job") if works else ()
    several = " and " in fact.value or ", " in fact.value
    return () if several and fact.kind == "thing" else concept(fact.kind, _verbs(fact)[0]).nouns


def _plainest(fact: Fact) -> Iterator[Framed]:
    """The question nearest to the text, and the one with the plainest noun."""
    if fact.form in {"gap", "agent"}:
        _, text = next(_by_verb(fact, _verbs(fact)[0], 0))
        yield "plain", text
    for noun in _nouns(fact)[:1]:
        _, text = next(noun_questions(fact, noun, 0))
        yield "plain noun", text


def _by_verb(fact: Fact, verb: str, number: int) -> Iterator[Framed]:
    if fact.form == "agent":
        return agent_questions(fact, verb, number)
    return gap_questions(fact, VerbPhrase.make(verb, fact), number)


def _framed(fact: Fact) -> Iterator[Framed]:
    turn = _turn(fact)
    yield from _plainest(fact)
    if fact.form == "class":
        for number in range(4):
            yield from class_questions(fact, turn + number)
    for number, noun in enumerate(_nouns(fact)):
        for again in range(2):
            yield from noun_questions(fact, noun, turn + number + 3 * again)
    if fact.form in {"gap", "agent"}:
        verbs = _verbs(fact)
        for number in range(max(len(verbs), 6)):
            yield from _by_verb(fact, verbs[(number + turn) % len(verbs)], turn + number)
    if fact.form == "noun" and len(_nouns(fact)) == 1:
        yield from noun_questions(fact, fact.phrase, turn + 5)


def _spread(framed: Iterable[Framed], turn: int) -> Iterator[str]:
    """Round robin over the families, beginning at another family for each fact."""
    families: dict[str, list[str]] = {}
    for family, text in framed:
        if text not in families.setdefault(family, []):
            families[family].append(text)
    names = turned(list(families), turn)
    for position in range(max(map(len, families.values()), default=0)):
        for shift, name in enumerate(names):
            found = families[name]
            if position < len(found):
                yield found[(position + shift) % len(found)]


@lru_cache(maxsize=8192)
def questions(fact: Fact) -> tuple[str, ...]:
    """Questions whose answer is `fact.value`; each names the subject and holds no answer."""
    value, subject = fact.value.lower(), fact.subject.lower()
    kept = dict.fromkeys(
        text
        for text in _spread(_framed(fact), _turn(fact))
        if value not in text.lower().replace(subject, "") and subject in text.lower()
    )
    return tuple(_placed(text, fact) for text in kept)[:MOST]


def _placed(text: str, fact: Fact) -> str:
    """With the title of the document, where the subject needs it."""
    if not fact.context:
        return text
    keeps = text.startswith((upper(fact.subject), "I ")) and fact.subject[0].isupper()
    return f'In "{fact.context}", {text if keeps or text.startswith("I ") else lower(text)}'


def reverse_questions(fact: Fact) -> tuple[str, ...]:
    """Questions from the value back to the subject, where the value is unique enough for that."""
    if fact.kind not in {"name", "person"} or not fact.value[0].isupper():
        return ()
    if fact.form == "agent":
        parts, _ = agent_parts(fact, fact.phrase)
    elif fact.form == "noun":
        parts = {"noun": fact.phrase}
    else:
        phrase = VerbPhrase.make(fact.phrase, fact)
        told = spaced(phrase.plain, phrase.preposition, fact.value, phrase.tail)
        parts = {"plain": told}
    who, whom = ("who", "whom") if fact.person else ("what", "what")
    parts |= {"who": who, "whom": whom}
    return tuple(text for _, text in framed(f"from {fact.form}", fact, 0, **parts))


def _statements(fact: Fact) -> Iterator[Framed]:
    told = _told(fact)
    for noun in _nouns(fact):
        parts, without = noun_parts(fact, noun, past=fact.past and fact.form != "class")
        if fact.kind in {"quality", "measure", "colour"}:
            without |= {"turned", "noun-topic"}
        yield from framed("stated noun", fact, _turn(fact), without, told, **parts)
    if fact.form == "class":
        yield from framed("stated class", fact, 0, (), told)
    verbs = _verbs(fact)
    if fact.form == "agent" and fact.kind == "count":
        parts, _ = agent_parts(fact, verbs[0])
        yield from framed("stated many", fact, 0, (), ("", *told), **parts)
    elif fact.form == "agent":
        for verb in verbs:
            parts, unfit = agent_parts(fact, verb)
            yield from framed("stated agent", fact, 0, unfit, told, **parts)
    elif fact.form == "gap":
        for number, verb in enumerate(verbs):
            yield from _gap_statements(fact, VerbPhrase.make(verb, fact), number)


def _gap_statements(fact: Fact, phrase: VerbPhrase, number: int) -> Iterator[Framed]:
    valued, kind, preposition = fact.value, fact.kind, phrase.preposition
    if kind == "count" and fact.unit:
        valued = f"{fact.value} {fact.unit}"
    elif kind in {"place", "name"} and fact.unit and number % 2:
        joint = "of " if kind == "place" else ""
        valued = f"the {fact.unit} {joint}{fact.value}"
    done = f"{fact.subject} {phrase.plain}"
    parts = {"done": done, "complete": spaced(preposition, valued, phrase.tail), "valued": valued}
    yield from framed("stated gap", fact, number, (), turned(_told(fact), number), **parts)
    if preposition and kind in {"place", "year", "date"}:
        yield from framed("stated gap of a place or time", fact, number, **parts)
    elif not preposition and kind in {"thing", "name"}:
        yield from framed("stated gap of a thing", fact, number, **parts)
    _, asked = next(gap_questions(fact, phrase, 0))
    yield "answered", f"{asked} {upper(fact.value)}."
    if kind == "place" and preposition in {"in", "at", "on"}:
        yield "where", f"The {fact.unit or 'place'} where {done} {fact.was} {fact.value}."
    if kind == "year" and preposition:
        yield "where", f"The year in which {done} was {fact.value}."


@lru_cache(maxsize=8192)
def restatements(fact: Fact) -> tuple[str, ...]:
    """Statements that say the fact in other words; each names the subject and the value."""
    told = dict.fromkeys(_spread(_statements(fact), _turn(fact)))
    return tuple(_placed(text, fact) for text in told)[:MOST]
