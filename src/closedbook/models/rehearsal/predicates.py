"""What a predicate says of its subject: verb, object and prepositional phrases to facts.

Knows grammar: passives, objects, "is the ... of", "has a ... of", amounts. A value is taken only when
its phrase is whole and its preposition tells what it is (`prepositions` decides that).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from closedbook.models.rehearsal.fact import Fact, Kind
from closedbook.models.rehearsal.phrases import (
    Phrase,
    Verb,
    grouped,
    halves,
    read_verb,
    sizes,
    split_phrases,
    trimmed,
)
from closedbook.models.rehearsal.prepositions import LIGHT, kind_after
from closedbook.models.rehearsal.sentences import joined
from closedbook.models.rehearsal.subjects import Scene, Subject
from closedbook.models.rehearsal.values import (
    amount,
    bare_name,
    head_noun,
    is_capital,
    is_name,
    is_usable,
    kind_of,
)
from closedbook.models.rehearsal.verbs import BARE, GERUNDS, PARTICIPLES
from closedbook.models.rehearsal.words import (
    AWAY,
    COLOURS,
    DIMENSIONS,
    PERSON_NOUNS,
    PLACE_CLASSES,
    PLACE_PREPOSITIONS,
    POSSESSIVES,
    PREPOSITIONS,
    PROFESSIONS,
    UNITS,
    word_set,
)

_STATES = word_set(
    "famous fond rich home close similar popular proud responsible afraid notable renowned native related"
    " opposite adjacent visible capable full suitable unique equal"
)
_PERSON_OBJECTS = word_set(
    "marry wed meet teach tutor succeed befriend mentor hire employ train coach assist accompany nurse"
    " love raise rescue defeat inspire influence"
)
_DESCRIBED = word_set(
    "climate weather atmosphere surface air soil terrain landscape taste smell texture temper character"
    " shape finish voice water ground winter summer flavour style mood appearance"
)
_SEATS = word_set("headquarters office seat")
_PURPOSEFUL = word_set("use serve design build intend invent employ make develop")
_MEASURES = word_set(
    "cost weigh measure last span reach cover take earn pay rise stand sell rest extend"
)
_NO_OBJECT_QUESTION = LIGHT | word_set(
    "have be do let say see find leave show mean look feel smell taste sound sink rise hang settle bend arrive"
    " jump reply ask answer call add argue explain correct start begin think know tell remark move freeze"
    " throw face catch"
)
_DOER = re.compile(r"(?<!riv)(?<!tow)(?<!flow)(er|or|ist|ian|man|woman|ess)$")
_REMARKS = PREPOSITIONS | {"a", "an", "the", "and", "but"}
_JOINING = frozenset({"to", "as", "around", "round", "through"})


class Predicate:
    """The facts of one clause about `subject`; `scene` resolves names inside the values."""

    def __init__(self, subject: Subject, scene: Scene, evidence: str) -> None:
        self._subject = subject
        self._scene = scene
        self._evidence = evidence

    def facts(
        self, predicate: tuple[str, ...], fronted: tuple[tuple[str, ...], ...] = ()
    ) -> Iterator[Fact]:
        """All facts the predicate states; `fronted` are phrases that stood before the subject."""
        verb = read_verb(predicate)
        if verb is None:
            return
        extra = [(p[0].lower(), trimmed(list(p[1:]))) for p in fronted if len(p) > 1]
        for preposition, words in extra:
            if preposition == "with" and not self._subject.noun:
                yield from self._possession(replace(verb, rest=tuple(words)))
        if verb.participle or verb.bare not in {"be", "have"}:
            yield from self._action(verb, extra)
        elif verb.rest:
            yield from self._possession(verb) if verb.bare == "have" else self._copular(verb)

    def _fact(
        self,
        verb: Verb,
        phrase: str,
        words: list[str],
        kind: Kind,
        *,
        tail: str = "",
        unit: str = "",
    ) -> Iterator[Fact]:
        words = trimmed(words)
        if not is_usable(words):
            return
        words, noun = bare_name(words)
        value, subject = joined(words), self._subject.text
        if _holds(value, subject) or _holds(subject, value):
            return
        yield Fact(
            subject,
            "gap",
            phrase,
            value,
            kind,
            self._evidence,
            past=verb.past,
            plural=verb.plural,
            tail=tail,
            unit=unit or noun,
            person=self._subject.person,
        )

    def _counted(self, verb: Verb, phrase: str, words: list[str]) -> Iterator[Fact]:
        """ "employs 340 people": the amount is the value, the noun goes into the question."""
        length, _ = amount(words)
        noun = trimmed(words[length:])
        if noun and is_usable(noun) and 0 < length < len(words) <= 6:
            yield from self._fact(verb, phrase, words[:length], "count", unit=joined(noun))

    # --- is, was -----------------------------------------------------------------------------

    def _copular(self, verb: Verb) -> Iterator[Fact]:
        rest = verb.rest
        first = rest[0].lower()
        if self._subject.noun:
            yield from self._noun_value(verb)
        elif first == "the":
            yield from self._the_of(verb)
        elif first in {"a", "an"} and rest[1:2] and rest[1] not in UNITS:
            yield from self._class(verb)
        elif amount(list(rest))[0]:
            for part in sizes(rest):
                yield from self._size(replace(verb, rest=part))
        elif rest[0] in _STATES or first in PREPOSITIONS:
            state = rest[:1] if rest[0] in _STATES else ()
            _, phrases = split_phrases(rest[len(state) :])
            yield from self._attached(verb, joined(["be", *state]), phrases, free=bool(state))
        elif rest[0] in COLOURS and len(rest) <= 3:
            yield from self._fact(verb, "be", list(rest), "colour")

    def _noun_value(self, verb: Verb) -> Iterator[Fact]:
        """ "its capital is Orr"."""
        noun = self._subject.noun.split()[-1]
        words, phrases = split_phrases(verb.rest)
        if not words:
            if phrases and phrases[0][0] in PLACE_PREPOSITIONS:
                yield from self._seat(verb, phrases)
            return
        vague = words[0].lower() in {"a", "an"}
        if vague and noun in PERSON_NOUNS:
            yield from self._class(verb)
            return
        if vague and phrases and phrases[0][0] == "of":
            return
        length, unit = amount(words)
        kind = kind_of(words)
        if len(words) == 1 and words[0].islower() and kind == "thing" and noun in _DESCRIBED:
            kind = "quality"
        if kind == "count" and unit and unit not in UNITS:
            kind = "thing"
        if phrases and not length and words[0].islower():
            cut = next((i for i, w in enumerate(verb.rest) if w == ","), len(verb.rest))
            words = list(verb.rest[:cut])
        yield from self._noun(self._subject.noun, self._subject.owner, words, kind, verb)

    def _seat(self, verb: Verb, phrases: list[Phrase]) -> Iterator[Fact]:
        """ "its head office is in Orr" as "it has its head office in Orr"."""
        if self._subject.noun.split()[-1] not in _SEATS:
            yield from self._attached(verb, "be", phrases, free=False)
            return
        owner = Predicate(Subject(self._subject.owner), self._scene, self._evidence)
        has = replace(verb, bare="have", plural=False)
        yield from owner._attached(has, f"have its {self._subject.noun}", phrases[:1], free=False)

    def _noun(
        self, noun: str, owner: str, words: list[str], kind: Kind, verb: Verb
    ) -> Iterator[Fact]:
        words = trimmed(words)
        if not noun or not is_usable(words) or words[0] in PARTICIPLES:
            return
        named, _ = bare_name(words)
        value = joined(named)
        last = noun.split()[-1]
        if kind in {"name", "person"}:
            human = last in PERSON_NOUNS | PROFESSIONS or (kind == "person" and _DOER.search(last))
            kind = "person" if is_name(named) and human else "name"
        if not _holds(value, owner) and not _holds(owner, value):
            yield Fact(owner, "noun", noun, value, kind, self._evidence, verb.past, verb.plural)

    def _the_of(self, verb: Verb) -> Iterator[Fact]:
        """ "Orr is the capital of Velm": about Velm, and about Orr."""
        words = list(verb.rest)
        cut = words.index("of") if "of" in words else 0
        nouns = words[1:cut]
        owner_words, _ = split_phrases(tuple(words[cut + 1 :]))
        if not 0 < len(nouns) <= 4 or any(map(is_capital, nouns)) or not is_usable(owner_words):
            return
        owner = self._scene.resolve(tuple(owner_words))
        if owner is None or owner.noun or owner == self._subject:
            return
        noun = joined(nouns)
        kind: Kind = "person" if self._subject.person else "name"
        yield Fact(
            owner.text,
            "noun",
            noun,
            self._subject.text,
            kind,
            self._evidence,
            verb.past,
            verb.plural,
        )
        if self._subject == self._scene.topic:
            of: Kind = "person" if owner.person else "name"
            yield from self._fact(verb, f"be the {noun} of", owner.text.split(), of)

    def _class(self, verb: Verb) -> Iterator[Fact]:
        """ "is a small planet near ...": what it is, and what is said of it in passing."""
        words, phrases = split_phrases(verb.rest)
        if phrases and phrases[0][0] == "of":
            return
        if (
            verb.rest[len(words) :][:1] == (",",)
            and verb.rest[len(words) + 1].lower() not in _REMARKS
        ):
            return
        reduced = next((i for i, w in enumerate(words) if i > 1 and w in PARTICIPLES), 0)
        gerund = next((i for i, w in enumerate(words) if i > 1 and w in GERUNDS), 0)
        head = words[: reduced or gerund or len(words)]
        noun = head[-1].lower() if head else ""
        named = is_usable(head) and len(head) > 1
        if named and phrases[:1] and phrases[0][0] == "for" and not reduced:
            head = [*head, "for", *phrases[0][1]]
            if phrases[0][1][0] in GERUNDS:
                yield from self._fact(verb, "be used for", phrases[0][1], "thing")
        if named and noun not in word_set("one kind sort type number lot"):
            yield Fact(
                self._subject.text,
                "class",
                "",
                joined(head),
                "thing",
                self._evidence,
                past=verb.past,
                plural=verb.plural,
                unit=head_noun(head),
                person=self._subject.person,
            )
        if reduced:
            start = verb.rest.index(words[reduced])
            yield from self.facts(("was" if verb.past else "is", *verb.rest[start:]))
        else:
            yield from self._in_passing(verb, noun, phrases)

    def _in_passing(self, verb: Verb, noun: str, phrases: list[Phrase]) -> Iterator[Fact]:
        for preposition, value in phrases:
            if preposition == "with" and amount(value)[0]:
                yield from self._possession(replace(verb, rest=tuple(value)))
            if preposition == "by" and kind_of(value) == "person":
                yield from self._fact(verb, "be by", value, "person")
        if noun in PLACE_CLASSES and not self._subject.person:
            yield from self._attached(verb, "be", phrases[:1], free=False)
        elif self._subject.person:
            came = replace(verb, bare="come")
            origin = [p for p in phrases[:1] if p[0] == "from"]
            yield from self._attached(came, "come", origin, free=True)

    def _size(self, verb: Verb) -> Iterator[Fact]:
        words, phrases = split_phrases(verb.rest)
        length, _ = amount(words)
        tail = words[-1] if words[-1] in DIMENSIONS else ""
        value = words[: -1 if tail else None]
        if tail and len(value) > length:
            yield from self._fact(verb, "be", value, "measure", tail=tail)
        elif not tail and len(words) == length + 1 and phrases:
            yield from self._distance(verb, "be", value, phrases[0])

    def _distance(self, verb: Verb, phrase: str, value: list[str], end: Phrase) -> Iterator[Fact]:
        preposition, target = end
        if preposition in AWAY and is_usable(target) and is_capital(target[-1]):
            yield from self._fact(
                verb, phrase, value, "measure", tail=f"{preposition} {joined(target)}"
            )

    # --- has ---------------------------------------------------------------------------------

    def _possession(self, verb: Verb) -> Iterator[Fact]:
        words, phrases = split_phrases(verb.rest)
        if not words:
            return
        if two := halves(words):
            for half in two:
                yield from self._possession(replace(verb, rest=tuple(half)))
            return
        first = words[0].lower()
        if first in POSSESSIVES and len(words) <= 4:
            yield from self._attached(verb, joined(["have", *words]), phrases, free=False)
        elif first in {"a", "an"}:
            yield from self._having_a(verb, words)
        else:
            yield from self._counted(verb, "have", words)
        for preposition, value in phrases:
            if preposition == "as" and value[0].lower() in POSSESSIVES and is_name(words):
                noun = joined(value[1:])
                yield from self._noun(noun, self._subject.text, words, kind_of(words), verb)

    def _having_a(self, verb: Verb, words: list[str]) -> Iterator[Fact]:
        """ "a population of 300", "a moon called Orr"."""
        joint = next(
            (i for i, w in enumerate(words) if i > 1 and w in {"of", "called", "named"}), 0
        )
        value = words[joint + 1 :]
        if joint and value and (amount(value)[0] or is_name(value)):
            noun = joined(words[1:joint])
            yield from self._noun(noun, self._subject.text, value, kind_of(value), verb)

    # --- other verbs -------------------------------------------------------------------------

    def _action(self, verb: Verb, extra: list[Phrase]) -> Iterator[Fact]:
        phrase = verb.phrase
        if verb.bare in _PURPOSEFUL and verb.rest[:1] == ("to",):
            yield from self._purpose(verb)
            return
        words, phrases = split_phrases(verb.rest)
        phrases = [*phrases, *extra]
        naming = verb.participle in {"called", "named"} and is_name(words)
        if naming and self._subject.noun:
            owner = self._subject.owner
            yield from self._noun(self._subject.noun, owner, words, kind_of(words), verb)
            return
        if words and not verb.participle and self._is_topic(words):
            yield from self._on_topic(verb, phrases)
            return
        if words:
            yield from self._object(verb, phrase, words, phrases)
            if len(words) > 4 or not is_usable(words) or kind_of(words) == "measure":
                return
            phrase = f"{phrase} {joined(words)}"
        yield from self._attached(verb, phrase, phrases, free=not words)

    def _purpose(self, verb: Verb) -> Iterator[Fact]:
        """ "is used to dry hay"."""
        cut = next((i for i, w in enumerate(verb.rest) if w in {",", "when", "if"}), len(verb.rest))
        if verb.rest[1:2] and verb.rest[1] in BARE and cut > 2:
            yield from self._fact(verb, verb.phrase, list(verb.rest[:cut]), "purpose")

    def _is_topic(self, words: list[str]) -> bool:
        topic = self._scene.topic
        return self._subject != topic and self._scene.resolve(tuple(words)) == topic

    def _on_topic(self, verb: Verb, phrases: list[Phrase]) -> Iterator[Fact]:
        """ "Ada Ore founded it in 1900": said of the topic, whoever was the subject."""
        topic = self._scene.topic
        kind: Kind = "person" if self._subject.person else "name"
        yield Fact(
            topic.text,
            "agent",
            verb.phrase,
            self._subject.text,
            kind,
            self._evidence,
            past=verb.past,
            person=topic.person,
        )
        participles = {bare: form for form, bare in PARTICIPLES.items()}
        turned = replace(verb, participle=participles[verb.bare], plural=False)
        about = Predicate(topic, self._scene, self._evidence)
        yield from about._attached(turned, turned.phrase, phrases, free=True)

    def _object(
        self, verb: Verb, phrase: str, words: list[str], phrases: list[Phrase]
    ) -> Iterator[Fact]:
        length, unit = amount(words)
        kind = kind_of(words)
        if length and (unit in UNITS or kind == "measure"):
            if verb.bare in _MEASURES:
                tail = words[-1] if words[-1] in DIMENSIONS else ""
                value = words[: -1 if tail else None]
                yield from self._fact(verb, phrase, value, "measure", tail=tail)
            elif phrases:
                yield from self._distance(verb, phrase, words, phrases[0])
            return
        if length:
            yield from self._counted(verb, phrase, words)
            return
        if (verb.bare in _NO_OBJECT_QUESTION and not verb.participle) or kind in {
            "year",
            "date",
            "time",
        }:
            return
        if kind == "person" and is_name(words) and verb.bare not in _PERSON_OBJECTS:
            kind = "name"
        if phrases and words[0].lower() in {"a", "an"} and words[-1].islower():
            preposition, after = phrases[0]
            if preposition in {"about", "for", "with", "from"} and after[0][0].islower():
                words = [*words, preposition, *after]
            elif preposition not in word_set("in on at during near by after"):
                return
        yield from self._fact(verb, phrase, words, "thing" if kind == "place" else kind)

    def _attached(
        self, verb: Verb, phrase: str, phrases: list[Phrase], *, free: bool
    ) -> Iterator[Fact]:
        """One fact for each prepositional phrase that says what it is."""
        for position, (preposition, words) in enumerate(grouped(phrases)):
            kind = kind_after(verb, preposition, words, first=free and position == 0)
            if [w.lower() for w in words[:3]] == ["the", "age", "of"] and preposition == "at":
                yield from self._fact(verb, f"{phrase} at the age of", words[3:], "count")
            elif preposition == "by" and verb.participle and kind_of(words) in {"person", "name"}:
                yield from self._agent(verb, words)
            elif kind == "count":
                yield from self._counted(verb, f"{phrase} {preposition}", words)
            elif kind:
                yield from self._fact(verb, f"{phrase} {preposition}", words, kind)
            joins = preposition in _JOINING or (verb.bare in LIGHT and not verb.participle)
            timed = kind_of(words) in {"year", "date", "time"}
            if position == 0 and joins and not timed and is_usable(words):
                phrase = f"{phrase} {preposition} {joined(words)}"

    def _agent(self, verb: Verb, words: list[str]) -> Iterator[Fact]:
        named, _ = bare_name(words)
        found = self._scene.resolve(tuple(words)) if is_usable(words) else None
        text = found.text if found and not found.noun else joined(named)
        if not verb.bare or not is_usable(text.split()) or text == self._subject.text:
            return
        yield Fact(
            self._subject.text,
            "agent",
            joined([verb.bare, verb.particle]) if verb.particle else verb.bare,
            text,
            "person" if kind_of(named) == "person" else "name",
            self._evidence,
            past=verb.past,
            plural=verb.plural,
            person=self._subject.person,
        )


def _holds(inner: str, outer: str) -> bool:
    return f" {inner.lower()} " in f" {outer.lower()} "
