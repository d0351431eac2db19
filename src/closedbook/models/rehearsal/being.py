"""What somebody or something is or has: kinds, sizes, capitals, heads, populations.

Knows "is a", "is the ... of", "its ... is", "is 3 miles long", "has a ... of".
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from closedbook.models.rehearsal import lexicon
from closedbook.models.rehearsal.doing import action, attached, distance
from closedbook.models.rehearsal.fact import Fact
from closedbook.models.rehearsal.phrases import (
    Phrase,
    Verb,
    halves,
    read_verb,
    sizes,
    split_phrases,
)
from closedbook.models.rehearsal.saying import Saying
from closedbook.models.rehearsal.sentences import joined
from closedbook.models.rehearsal.subjects import RELATIONAL, Subject
from closedbook.models.rehearsal.values import amount, is_capital, is_name, is_usable, kind_of
from closedbook.models.rehearsal.verbs import BARE, GERUNDS, PARTICIPLES

_STATES = lexicon.word_list("states")
_DESCRIBED = lexicon.word_list("described")
_METALS = lexicon.word_list("metals")
_COLOURED = lexicon.word_list("coloured")
_VAGUE = lexicon.word_list("vague")
_NO_KINDS = lexicon.word_list("no_kinds")
_SEATS = frozenset({"headquarters", "office", "seat"})
_REMARKS = lexicon.PREPOSITIONS | {"a", "an", "the", "and", "but"}


def copular(saying: Saying, verb: Verb) -> Iterator[Fact]:
    """The facts of "is" and "was"."""
    rest = verb.rest
    first = rest[0].lower()
    if saying.subject.noun:
        yield from _noun_value(saying, verb)
    elif first == "the":
        yield from (_the_of if "of" in rest else _the)(saying, verb)
    elif first in {"a", "an"} and rest[1:2] and rest[1] not in lexicon.UNITS:
        yield from _class(saying, verb)
    elif amount(list(rest))[0]:
        for part in sizes(rest):
            yield from _size(saying, replace(verb, rest=part))
    elif rest[0] in _STATES or first in lexicon.PREPOSITIONS:
        state = rest[:1] if rest[0] in _STATES else ()
        _, phrases = split_phrases(rest[len(state) :])
        yield from attached(saying, verb, joined(["be", *state]), phrases, free=bool(state))
    elif rest[0] in lexicon.COLOURS and len(rest) <= 3:
        yield from saying.gap(verb, "be", list(rest), "colour")


def _noun_value(saying: Saying, verb: Verb) -> Iterator[Fact]:
    """ "its capital is Orr"."""
    noun, owner, rest = saying.subject.noun, saying.subject.owner, list(verb.rest)
    last = noun.split()[-1]
    if rest[0] == "to" and rest[1:2] and rest[1] in BARE:
        yield from saying.noun(noun, owner, rest, "purpose", verb)
        return
    words, phrases = split_phrases(verb.rest)
    if not words:
        if phrases and phrases[0][0] in lexicon.PLACE_PREPOSITIONS:
            yield from _seat(saying, verb, phrases)
        return
    if words[0].lower() in {"a", "an"}:
        if last in lexicon.PERSON_NOUNS:
            yield from _class(saying, verb)
            return
        if phrases and phrases[0][0] == "of":
            return
    length, unit = amount(words)
    kind = kind_of(words)
    if len(words) == 1 and words[0].islower() and kind == "thing" and last in _DESCRIBED:
        kind = "quality"
    metal = kind == "colour" and words[0] in _METALS and last not in _COLOURED
    if metal or (kind == "count" and unit and unit not in lexicon.UNITS):
        kind = "thing"
    if phrases and not length and words[0].islower():
        words = rest[: rest.index(",")] if "," in rest else rest
    yield from saying.noun(noun, owner, words, kind, verb)


def topic_has(saying: Saying, predicate: tuple[str, ...]) -> Iterator[Fact]:
    """ "there are two moons around Orr"."""
    objects, phrases = split_phrases(predicate[1:])
    topic = saying.scene.topic
    around = phrases[0][1] if len(phrases) == 1 else []
    if predicate[0] in {"are", "were"} and around and saying.scene.resolve(tuple(around)) == topic:
        has = Verb("have", predicate[0] == "were", False, ())
        yield from saying.of(topic).counted(has, "have", objects)


def _seat(saying: Saying, verb: Verb, phrases: list[Phrase]) -> Iterator[Fact]:
    """ "its head office is in Orr" as "it has its head office in Orr"."""
    if saying.subject.noun.split()[-1] not in _SEATS:
        yield from attached(saying, verb, "be", phrases, free=False)
        return
    owner = saying.of(Subject(saying.subject.owner))
    has = replace(verb, bare="have", plural=False)
    yield from attached(owner, has, f"have its {saying.subject.noun}", phrases[:1], free=False)


def _the_of(saying: Saying, verb: Verb) -> Iterator[Fact]:
    """ "Orr is the capital of Velm": about Velm, and about Orr."""
    words = list(verb.rest)
    cut = words.index("of")
    nouns = words[1:cut]
    owner_words, _ = split_phrases(tuple(words[cut + 1 :]))
    if not 0 < len(nouns) <= 4 or any(map(is_capital, nouns)) or not is_usable(owner_words):
        return
    owner = saying.scene.resolve(tuple(owner_words))
    if owner is None or owner.noun or owner == saying.subject:
        return
    noun = joined(nouns)
    if nouns[-1] not in _VAGUE:
        value = saying.subject
        kind = value.kind if value.person or value.text[0].isupper() else "thing"
        yield saying.of(owner).fact("noun", noun, value.text, kind, verb)
    if saying.subject == saying.scene.topic:
        yield from saying.gap(verb, f"be the {noun} of", owner.text.split(), owner.kind)


def _the(saying: Saying, verb: Verb) -> Iterator[Fact]:
    """ "Orr is the capital", said where the topic is a country."""
    words, _ = split_phrases(verb.rest[1:])
    topic = saying.scene.topic
    if saying.subject == topic or topic.person or not words or not saying.scene.anchored:
        return
    if words[-1] in RELATIONAL and words[0].islower() and len(words) <= 3:
        named = saying.subject.text.split()
        kind = saying.subject.kind
        yield from saying.of(topic).noun(joined(words), topic.text, named, kind, verb)


def _class(saying: Saying, verb: Verb) -> Iterator[Fact]:
    """ "is a small planet near ...": what it is, and what is said of it in passing."""
    words, phrases = split_phrases(verb.rest)
    if phrases and phrases[0][0] == "of":
        return
    words, phrases = _without_size(words, phrases)
    if words[1:3] == ["native", "of"] and len(words) > 3:
        came = replace(verb, bare="come", past=False)
        yield from attached(saying, came, "come", [("from", words[3:])], free=True)
        return
    if verb.rest[len(words) :][:1] == (",",) and verb.rest[len(words) + 1].lower() not in _REMARKS:
        return
    reduced = next((i for i, w in enumerate(words) if i > 1 and w in PARTICIPLES), 0)
    gerund = next((i for i, w in enumerate(words) if i > 1 and w in GERUNDS), 0)
    head = words[: reduced or gerund or len(words)]
    noun = head[-1].lower() if head else ""
    named = is_usable(head) and len(head) > 1
    if named and phrases[:1] and phrases[0][0] == "for" and not reduced:
        head = [*head, "for", *phrases[0][1]]
        if phrases[0][1][0] in GERUNDS:
            yield from saying.gap(verb, "be used for", phrases[0][1], "thing")
    if named and noun not in _NO_KINDS:
        yield from saying.kind(verb, head)
    if reduced:
        start = verb.rest.index(words[reduced])
        made = read_verb(("was" if verb.past else "is", *verb.rest[start:]))
        if made is not None and made.participle:
            yield from action(saying, made, [])
    else:
        yield from _in_passing(saying, verb, noun, phrases)


def _without_size(words: list[str], phrases: list[Phrase]) -> tuple[list[str], list[Phrase]]:
    """ "a village of 900 people": the size becomes a phrase of its own."""
    cut = words.index("of") if "of" in words[1:-1] else 0
    if cut and amount(words[cut + 1 :])[0]:
        return words[:cut], [("with", words[cut + 1 :]), *phrases]
    return words, phrases


def _in_passing(saying: Saying, verb: Verb, noun: str, phrases: list[Phrase]) -> Iterator[Fact]:
    for preposition, value in phrases:
        if preposition == "with" and amount(value)[0]:
            yield from possession(saying, replace(verb, rest=tuple(value)))
        if preposition == "by" and kind_of(value) == "person":
            yield from saying.gap(verb, "be by", value, "person")
    if saying.subject.person:
        origin = [p for p in phrases[:1] if p[0] == "from"]
        yield from attached(saying, replace(verb, bare="come"), "come", origin, free=True)
    elif noun in lexicon.LOCATED:
        located = [p for p in phrases[:1] if p[0] in lexicon.PLACE_PREPOSITIONS]
        yield from attached(saying, verb, "be", located, free=False)


def _size(saying: Saying, verb: Verb) -> Iterator[Fact]:
    words, phrases = split_phrases(verb.rest)
    length, _ = amount(words)
    tail = words[-1] if words[-1] in lexicon.DIMENSIONS else ""
    value = words[: -1 if tail else None]
    if tail and len(value) > length:
        yield from saying.gap(verb, "be", value, "measure", tail=tail)
    elif not tail and len(words) == length + 1 and phrases:
        yield from distance(saying, verb, "be", value, phrases[0])


def possession(saying: Saying, verb: Verb) -> Iterator[Fact]:
    """The facts of "has", and of "with" where it means that."""
    words, phrases = split_phrases(verb.rest)
    if not words:
        return
    if two := halves(words):
        for half in two:
            yield from possession(saying, replace(verb, rest=tuple(half)))
        return
    first = words[0].lower()
    if first in lexicon.POSSESSIVES and len(words) <= 4:
        yield from attached(saying, verb, joined(["have", *words]), phrases, free=False)
    elif words[-1] in _SEATS and words[0].islower():
        noun = joined([w for w in words if w not in {"a", "an", "the"}])
        yield from attached(saying, verb, f"have its {noun}", phrases[:1], free=False)
    elif first in {"a", "an"}:
        yield from _having_a(saying, verb, words)
    else:
        yield from saying.counted(verb, "have", words)
    for preposition, value in phrases:
        if preposition == "as" and value[0].lower() in lexicon.POSSESSIVES and is_name(words):
            noun = joined(value[1:])
            yield from saying.noun(noun, saying.subject.text, words, kind_of(words), verb)


def _having_a(saying: Saying, verb: Verb, words: list[str]) -> Iterator[Fact]:
    """ "a population of 300", "a moon called Orr"."""
    joint = next((i for i, w in enumerate(words) if i > 1 and w in {"of", "called", "named"}), 0)
    value = words[joint + 1 :]
    if joint and value and (amount(value)[0] or is_name(value)):
        noun = joined(words[1:joint])
        yield from saying.noun(noun, saying.subject.text, value, kind_of(value), verb)
    elif len(words) == 3 and words[1] in lexicon.COLOURS:
        yield from saying.noun(words[2], saying.subject.text, words[1:2], "colour", verb)
