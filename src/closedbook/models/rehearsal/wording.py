"""A fact in many words: questions that stand alone, reverse questions, restatements.

Every question names the subject in full and never holds the answer. The order spreads over
different constructions, so that the first few of a list already differ in frame, verb and noun.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from functools import lru_cache

from closedbook.models.rehearsal import lexicon
from closedbook.models.rehearsal.asks import VerbPhrase, asking, lower, spaced, upper
from closedbook.models.rehearsal.concepts import concept
from closedbook.models.rehearsal.fact import Fact
from closedbook.models.rehearsal.frames import (
    ABOUT,
    FRAMES,
    agent_questions,
    class_questions,
    gap_questions,
    noun_is_plural,
    noun_questions,
    passive,
    possessive,
)
from closedbook.models.rehearsal.verbs import finite

MOST = 24
_TOLD = tuple(FRAMES["told"])


def _turn(fact: Fact) -> int:
    """A number that differs from fact to fact, so that facts do not all begin alike."""
    return hashlib.blake2b(f"{fact.subject}|{fact.phrase}".encode(), digest_size=2).digest()[0]


def _told(fact: Fact) -> tuple[str, ...]:
    turn = _turn(fact) % len(_TOLD)
    return (_TOLD[turn:] + _TOLD[:turn])[:3]


def _pick(fact: Fact, choices: tuple[str, ...]) -> str:
    return choices[_turn(fact) % len(choices)]


def _verbs(fact: Fact) -> list[str]:
    own = f"~ {fact.phrase}" if fact.form == "agent" else fact.phrase
    whole = f"{own} _ {fact.tail}" if fact.tail else own
    others = concept(fact.kind, whole).verbs
    ready = [
        verb.replace("_PRO", "its") for verb in others if "_PRO" not in verb or not fact.person
    ]
    return [whole, *(verb for verb in ready if verb != whole)]


def _nouns(fact: Fact) -> tuple[str, ...]:
    if fact.form == "noun":
        return concept("noun", fact.phrase).nouns or (fact.phrase,)
    if fact.form == "class":
        return (
            ("profession", "occupation", "job")
            if fact.person and fact.unit in lexicon.PROFESSIONS
            else ()
        )
    several = " and " in fact.value or ", " in fact.value
    return () if several and fact.kind == "thing" else concept(fact.kind, _verbs(fact)[0]).nouns


def _plainest(fact: Fact) -> Iterator[tuple[str, str]]:
    """The question nearest to the text, and the one with the plainest noun."""
    if fact.form == "gap":
        phrase = VerbPhrase.make(_verbs(fact)[0], fact)
        front, end = asking(fact, phrase).fronts[0]
        yield "plain", spaced(front, phrase.auxiliary, fact.subject, phrase.bare, end) + "?"
    elif fact.form == "agent":
        _, text = next(agent_questions(fact, fact.phrase, 0))
        yield "plain", text
    for noun in _nouns(fact)[:1]:
        _, text = next(noun_questions(fact, noun, 0))
        yield "plain noun", text


def _framed(fact: Fact) -> Iterator[tuple[str, str]]:
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
            verb = verbs[(number + turn) % len(verbs)]
            if fact.form == "agent":
                yield from agent_questions(fact, verb.removeprefix("~ "), turn + number)
            else:
                yield from gap_questions(fact, VerbPhrase.make(verb, fact), turn + number)
    if fact.form == "noun" and len(_nouns(fact)) == 1:
        yield from noun_questions(fact, fact.phrase, turn + 5)


def _spread(framed: Iterable[tuple[str, str]], turn: int) -> Iterator[str]:
    """Round robin over the families, beginning at another family for each fact."""
    families: dict[str, list[str]] = {}
    for family, text in framed:
        if text not in families.setdefault(family, []):
            families[family].append(text)
    names = list(families)
    names = names[turn % len(names) :] + names[: turn % len(names)] if names else []
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
    who = "Who" if fact.person else "What"
    was = "was" if fact.past else "is"
    if fact.form == "agent":
        verb, _, rest = fact.phrase.partition(" ")
        done = spaced(finite(verb, past=fact.past, plural=False), rest)
        return (
            f"What {was} {passive(verb, rest)} by {fact.value}?",
            f"Name something that {fact.value} {done}.",
            f"Do you know what {fact.value} {done}?",
        )
    if fact.form == "noun":
        return (
            f"Whose {fact.phrase} {was} {fact.value}?",
            f"Of {'whom' if fact.person else 'what'} {was} {fact.value} the {fact.phrase}?",
            f"{fact.value} {was} the {fact.phrase} of {'whom' if fact.person else 'what'}?",
        )
    phrase = VerbPhrase.make(fact.phrase, fact)
    told = spaced(phrase.plain, phrase.preposition, fact.value, phrase.tail)
    return (f"{who} {told}?", f"Do you know {who.lower()} {told}?", f"{who} {was} it that {told}?")


def _statements(fact: Fact) -> Iterator[tuple[str, str]]:
    subject, value = fact.subject, fact.value
    was = finite("be", past=fact.past, plural=False)
    for noun in _nouns(fact):
        be = finite("be", past=fact.past and fact.form != "class", plural=noun_is_plural(noun))
        of = f"the {noun} of {subject}"
        yield "noun", f"{upper(of)} {be} {value}."
        if " of " not in subject:
            yield "possessive", f"{upper(possessive(subject))} {noun} {be} {value}."
        if fact.kind not in {"quality", "measure", "colour"}:
            yield "turned", f"{upper(value)} {be} {of}."
            yield "noun-topic", f"{_pick(fact, ABOUT)} {subject}, the {noun} {be} {value}."
        yield from (("told", f"{told} {of} {be} {value}.") for told in _told(fact))
        yield (
            "answered",
            f"{'Who' if fact.kind == 'person' else 'What'} {be} {of}? The answer: {value}.",
        )
    if fact.form == "class":
        yield "plain", f"{upper(subject)} {was} {value}."
        yield "turned", f"{upper(value)}: that {was} {subject}."
        yield from (("told", f"{told} {subject} {was} {value}.") for told in _told(fact))
        yield "answered", f"What {was} {subject}? {upper(value)}."
        yield "described", f"{upper(subject)} can be described as {value}."
        yield "asked", f"Asked what {subject} {was}, one answers: {value}."
    if fact.form == "agent":
        yield from _agent_statements(fact)
    if fact.form == "gap":
        for number, verb in enumerate(_verbs(fact)):
            yield from _gap_statements(fact, VerbPhrase.make(verb, fact), number)


def _agent_statements(fact: Fact) -> Iterator[tuple[str, str]]:
    was = finite("be", past=fact.past, plural=fact.plural)
    for verb in _verbs(fact):
        head, *more = verb.removeprefix("~ ").split()
        many = fact.kind == "count"
        active = spaced(finite(head, past=fact.past, plural=many), *more, fact.subject)
        if many:
            for told in ("", *_told(fact)):
                yield "told", f"{upper(spaced(told, fact.value, fact.unit, active))}."
            yield "number", f"The number of {fact.unit} that {active} is {fact.value}."
            yield "answered", f"How many {fact.unit} {active}? {upper(fact.value)}."
            return
        yield "plain", f"{upper(fact.value)} {active}."
        yield "cleft", f"It {'was' if fact.past else 'is'} {fact.value} that {active}."
        yield (
            "answered",
            f"{'What' if fact.kind == 'thing' else 'Who'} {active}? {upper(fact.value)}.",
        )
        if len(more) < 2:
            yield (
                "passive",
                f"{upper(fact.subject)} {was} {passive(head, ' '.join(more))} by {fact.value}.",
            )
        yield from (("told", f"{told} {fact.value} {active}.") for told in _told(fact))


def _gap_statements(fact: Fact, phrase: VerbPhrase, number: int) -> Iterator[tuple[str, str]]:
    subject = fact.subject
    valued = fact.value
    if fact.kind == "count" and fact.unit:
        valued = f"{fact.value} {fact.unit}"
    elif fact.kind in {"place", "name"} and fact.unit and number % 2:
        joint = "of " if fact.kind == "place" else ""
        valued = f"the {fact.unit} {joint}{fact.value}"
    complete = spaced(phrase.preposition, valued, phrase.tail)
    yield "plain", f"{upper(subject)} {phrase.plain} {complete}."
    leads = _told(fact)
    for told in (*leads[number % 3 :], *leads[: number % 3]):
        yield "told", f"{told} {subject} {phrase.plain} {complete}."
    yield "known", f"What is known is that {subject} {phrase.plain} {complete}."
    if phrase.preposition and fact.kind in {"place", "year", "date"}:
        yield "cleft", f"It {phrase.was} {complete} that {subject} {phrase.plain}."
        yield "fronted", f"{upper(complete)}, {subject} {phrase.plain}."
    elif not phrase.preposition and fact.kind in {"thing", "name"}:
        yield "cleft", f"What {subject} {phrase.plain} {phrase.was} {valued}."
    front, end = asking(fact, phrase).fronts[0]
    asked = spaced(front, phrase.auxiliary, subject, phrase.bare, end)
    yield "answered", f"{asked}? {upper(fact.value)}."
    if fact.kind == "place" and phrase.preposition in {"in", "at", "on"}:
        yield (
            "where",
            f"The {fact.unit or 'place'} where {subject} {phrase.plain} {phrase.was} {fact.value}.",
        )
    if fact.kind == "year" and phrase.preposition:
        yield "where", f"The year in which {subject} {phrase.plain} was {fact.value}."


@lru_cache(maxsize=8192)
def restatements(fact: Fact) -> tuple[str, ...]:
    """Statements that say the fact in other words; each names the subject and the value."""
    told = dict.fromkeys(_spread(_statements(fact), _turn(fact)))
    return tuple(_placed(text, fact) for text in told)[:MOST]
