"""What somebody or something does, or has done to it: objects, places, times, doers, purposes.

Knows active and passive verbs with their objects and prepositional phrases. A value is taken only
when its phrase is whole and its preposition tells what it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from closedbook.models.rehearsal import lexicon
from closedbook.models.rehearsal.fact import Fact, Kind
from closedbook.models.rehearsal.phrases import Phrase, Verb, grouped, read_verb, split_phrases
from closedbook.models.rehearsal.prepositions import LIGHT, kind_after
from closedbook.models.rehearsal.saying import Saying
from closedbook.models.rehearsal.sentences import joined
from closedbook.models.rehearsal.values import (
    amount,
    bare_name,
    is_capital,
    is_name,
    is_usable,
    kind_of,
)
from closedbook.models.rehearsal.verbs import BARE, PARTICIPLES

_PERSON_OBJECTS = lexicon.word_list("person_objects")
_PURPOSEFUL = lexicon.word_list("purposeful")
_MEASURES = lexicon.word_list("measures")
_NO_OBJECT_QUESTION = (LIGHT - {"keep", "make"}) | lexicon.word_list("no_object_question")
_HUMAN = lexicon.word_list("human")
_POINTS = frozenset({"north", "south", "east", "west", "port"})
_TIMES = frozenset({"year", "date", "time"})
_PARTICIPLE_OF = {bare: form for form, bare in PARTICIPLES.items()}
_LOOSE = frozenset({"until", "before", "after", "since", "despite", "without", "because of"})
_AREAS = lexicon.word_list("areas")
_ASIDE = lexicon.word_list("aside")
_JOINING = frozenset({"to", "as", "around", "round", "through"})


def action(saying: Saying, verb: Verb, extra: list[Phrase]) -> Iterator[Fact]:
    """The facts of a verb other than "be" and "have"; `extra` are phrases before the subject."""
    phrase, subject = verb.phrase, saying.subject
    if verb.bare in _PURPOSEFUL and verb.rest[:1] == ("to",):
        yield from _purpose(saying, verb)
        return
    words, phrases = split_phrases(verb.rest)
    phrases = [*_firm(verb, phrases), *extra]
    if subject.noun and verb.participle in {"called", "named"} and is_name(words):
        yield from saying.noun(subject.noun, subject.owner, words, kind_of(words), verb)
        return
    if words and not verb.participle and _is_topic(saying, words):
        yield from _on_topic(saying, verb, phrases)
        return
    if words and words[0].lower() in lexicon.POSSESSIVES and len(words) <= 4:
        phrase = f"{phrase} {joined(words)}"
    elif words:
        yield from _object(saying, verb, phrase, words, phrases)
        if len(words) > 4 or not is_usable(words) or kind_of(words) == "measure":
            return
        phrase = f"{phrase} {joined(words)}"
    yield from attached(saying, verb, phrase, phrases, free=not words)


def _firm(verb: Verb, phrases: list[Phrase]) -> list[Phrase]:
    """The phrases before one that makes what follows it doubtful: "until his death in 1799"."""
    loose = _LOOSE - ({"after"} if verb.participle else set())
    ends = (i for i, (preposition, _) in enumerate(phrases) if preposition in loose)
    return phrases[: next(ends, len(phrases))]


def _purpose(saying: Saying, verb: Verb) -> Iterator[Fact]:
    """ "is used to dry hay"."""
    cut = next((i for i, w in enumerate(verb.rest) if w in {",", "when", "if"}), len(verb.rest))
    if verb.rest[1:2] and verb.rest[1] in BARE and cut > 2:
        yield from saying.gap(verb, verb.phrase, list(verb.rest[:cut]), "purpose")


def _is_topic(saying: Saying, words: list[str]) -> bool:
    topic = saying.scene.topic
    return saying.subject != topic and saying.scene.resolve(tuple(words)) == topic


def _on_topic(saying: Saying, verb: Verb, phrases: list[Phrase]) -> Iterator[Fact]:
    """ "Ada Ore founded it in 1900": said of the topic, whoever was the subject."""
    about = saying.of(saying.scene.topic)
    turned = replace(verb, participle=_PARTICIPLE_OF[verb.bare], plural=False)
    yield from about.agent(turned, saying.subject.text, saying.subject.kind)
    yield from attached(about, turned, turned.phrase, phrases, free=True)


def topic_counts(saying: Saying, words: list[str], predicate: tuple[str, ...]) -> Iterator[Fact]:
    """ "300 people work for the company": the amount is the value; `words` are the subject."""
    verb = read_verb(predicate)
    length, _ = amount(words)
    noun = joined(words[length:])
    if verb is None or verb.participle or not noun or len(words) - length > 3:
        return
    objects, phrases = split_phrases(verb.rest)
    phrase, about = verb.phrase, objects
    if not objects and phrases:
        phrase, about = f"{phrase} {phrases[0][0]}", phrases[0][1]
    topic = saying.scene.topic
    if verb.bare not in {"be", "have"} and about and _is_topic(saying, about):
        value = joined([words[0].lower(), *words[1:length]])
        past = replace(verb, bare=phrase, plural=True)
        yield from saying.of(topic).agent(past, value, "count", unit=noun)


def _object(
    saying: Saying, verb: Verb, phrase: str, words: list[str], phrases: list[Phrase]
) -> Iterator[Fact]:
    length, unit = amount(words)
    kind = kind_of(words)
    if length and (unit in lexicon.UNITS or kind == "measure"):
        yield from _measured(saying, verb, phrase, words, phrases)
    elif length:
        yield from saying.counted(verb, phrase, words)
    elif sized := _sized(verb, words):
        noun, value = sized
        yield from saying.noun(noun, saying.subject.text, value, kind_of(value), verb)
    elif kind not in _TIMES and (verb.participle or verb.bare not in _NO_OBJECT_QUESTION):
        if kind == "place":
            kind = "thing"
        elif kind == "person" and is_name(words) and verb.bare not in _PERSON_OBJECTS:
            kind = "name"
        if whole := _whole(words, phrases):
            yield from saying.gap(verb, phrase, whole, kind)


def _measured(
    saying: Saying, verb: Verb, phrase: str, words: list[str], phrases: list[Phrase]
) -> Iterator[Fact]:
    """ "costs 12 crowns", "lies 40 miles from Orr"."""
    if verb.bare in _MEASURES:
        tail = words[-1] if words[-1] in lexicon.DIMENSIONS else ""
        value = words[: -1 if tail else None]
        goal = _goal(verb)
        if verb.bare != "take" or goal:
            yield from saying.gap(verb, phrase, value, "measure", tail=tail or goal)
    elif phrases:
        yield from distance(saying, verb, phrase, words, phrases[0])


def _sized(verb: Verb, words: list[str]) -> tuple[str, list[str]] | None:
    """ "a staff of 300" as noun and amount."""
    if verb.bare not in _AREAS or words[0] not in {"a", "an"} or "of" not in words[2:-1]:
        return None
    cut = words.index("of")
    return (joined(words[1:cut]), words[cut + 1 :]) if amount(words[cut + 1 :])[0] else None


def _whole(words: list[str], phrases: list[Phrase]) -> list[str]:
    """ "a book" with the "about owls" that belongs to it; empty where more would belong to it."""
    if phrases and words[0].lower() in {"a", "an"} and words[-1].islower():
        preposition, after = phrases[0]
        if preposition in {"about", "for", "with", "from"} and after[0][0].islower():
            return [*words, preposition, *after]
        if preposition not in _ASIDE:
            return []
    return words


def _goal(verb: Verb) -> str:
    """ "to orbit its star" in "takes 300 days to orbit its star"."""
    start = verb.rest.index("to") if verb.bare == "take" and "to" in verb.rest else 0
    goal = list(verb.rest[start:])
    return joined(goal) if start and len(goal) <= 6 and "," not in goal else ""


def distance(
    saying: Saying, verb: Verb, phrase: str, value: list[str], end: Phrase
) -> Iterator[Fact]:
    """ "40 miles from Orr": `value` and where it is measured from."""
    preposition, target = end
    if preposition in lexicon.AWAY and is_usable(target) and is_capital(target[-1]):
        tail = f"{preposition} {joined(target)}"
        yield from saying.gap(verb, phrase, value, "measure", tail=tail)


def attached(
    saying: Saying, verb: Verb, phrase: str, phrases: list[Phrase], *, free: bool
) -> Iterator[Fact]:
    """One fact for each prepositional phrase that says what it is."""
    for position, (preposition, words) in enumerate(grouped(phrases)):
        kind = kind_after(verb, preposition, words, first=free and position == 0)
        if [w.lower() for w in words[:3]] == ["the", "age", "of"] and preposition == "at":
            yield from saying.gap(verb, f"{phrase} at the age of", words[3:], "count")
        elif measured := _level(preposition, words):
            noun, value = measured
            yield from saying.gap(verb, f"{phrase} at a {noun} of", value, "measure")
        elif preposition == "by" and verb.participle and _does(verb, words):
            yield from _agent(saying, verb, words)
        elif kind == "count":
            yield from saying.counted(verb, f"{phrase} {preposition}", words)
        elif kind:
            known = preposition == "for" and words[0] in lexicon.POSSESSIVES
            value = words[1:] if known else words
            if kind != "place" or verb.bare not in LIGHT or is_capital(value[-1]):
                yield from saying.gap(verb, f"{phrase} {preposition}", value, kind)
        joins = preposition in _JOINING or (verb.bare in LIGHT and not verb.participle)
        timed = kind_of(words) in _TIMES
        if position == 0 and joins and not timed and is_usable(words):
            phrase = f"{phrase} {preposition} {joined(words)}"


def _level(preposition: str, words: list[str]) -> tuple[str, list[str]] | None:
    """ "at a height of 240 metres"."""
    if preposition != "at" or words[0] not in {"a", "an"} or "of" not in words[2:3]:
        return None
    value = words[3:]
    value = value[: next((i for i, w in enumerate(value) if w in lexicon.PREPOSITIONS), len(value))]
    return (words[1], value) if amount(value)[0] else None


def _does(verb: Verb, words: list[str]) -> bool:
    """Whether what follows "by" is the one who did it."""
    kind = kind_of(words)
    return kind in {"person", "name"} or (kind == "thing" and verb.bare in _HUMAN)


def _agent(saying: Saying, verb: Verb, words: list[str]) -> Iterator[Fact]:
    named, _ = bare_name(words)
    found = saying.scene.resolve(tuple(words)) if is_usable(words) else None
    text = found.text if found and not found.noun else joined(named)
    kind: Kind = "person" if kind_of(named) == "person" else "name"
    ends = {w.lower() for w in (text.removeprefix("the ").split()[0], text.split()[-1])}
    if ends & lexicon.PLACE_WORDS - _POINTS:
        kind = "thing"
    yield from saying.agent(verb, text, kind)
