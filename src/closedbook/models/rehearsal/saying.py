"""Facts of one clause in the making: who it is about, where it stands, what a value must be like.

Decides when words are a value worth keeping; finding them is the work of `being` and `doing`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from closedbook.models.rehearsal import lexicon
from closedbook.models.rehearsal.fact import Fact, Form, Kind
from closedbook.models.rehearsal.phrases import Verb, trimmed
from closedbook.models.rehearsal.sentences import joined
from closedbook.models.rehearsal.subjects import Scene, Subject
from closedbook.models.rehearsal.values import (
    amount,
    bare_name,
    head_noun,
    is_name,
    is_person_name,
    is_usable,
)
from closedbook.models.rehearsal.verbs import PARTICIPLES

_DOER = re.compile(r"(?<!riv)(?<!tow)(?<!flow)(er|or|ist|ian|man|woman|ess)$")


@dataclass(frozen=True, slots=True)
class Saying:
    """What is said of `subject` in the sentence `evidence`; `scene` resolves names in values."""

    subject: Subject
    scene: Scene
    evidence: str

    def of(self, subject: Subject) -> Saying:
        """The same sentence about another subject."""
        return Saying(subject, self.scene, self.evidence)

    def fact(
        self,
        form: Form,
        phrase: str,
        value: str,
        kind: Kind,
        verb: Verb,
        tail: str = "",
        unit: str = "",
    ) -> Fact:
        """Said of the subject, in the tense and number of the verb."""
        return Fact(
            self.subject.text,
            form,
            phrase,
            value,
            kind,
            self.evidence,
            past=verb.past,
            plural=verb.plural,
            tail=tail,
            unit=unit,
            person=self.subject.person,
        )

    def gap(
        self,
        verb: Verb,
        phrase: str,
        words: list[str],
        kind: Kind,
        *,
        tail: str = "",
        unit: str = "",
    ) -> Iterator[Fact]:
        """The subject does `phrase` to, at or with the value."""
        words = trimmed(words)
        if not is_usable(words):
            return
        words, noun = bare_name(words)
        value, subject = joined(words), self.subject.text
        if not _overlap(value, subject):
            yield self.fact("gap", phrase, value, kind, verb, tail, unit or noun)

    def counted(self, verb: Verb, phrase: str, words: list[str]) -> Iterator[Fact]:
        """ "employs 340 people": the amount is the value, the noun goes into the question."""
        length, _ = amount(words)
        noun = trimmed(words[length:])
        if noun and is_usable(noun) and 0 < length < len(words) <= 6:
            yield from self.gap(verb, phrase, words[:length], "count", unit=joined(noun))

    def noun(
        self, noun: str, owner: str, words: list[str], kind: Kind, verb: Verb
    ) -> Iterator[Fact]:
        """The value is the owner's `noun`."""
        words = trimmed(words)
        if not noun or not is_usable(words) or words[0] in PARTICIPLES:
            return
        named, _ = bare_name(words)
        value = joined(named)
        last = noun.rsplit(maxsplit=1)[-1]
        if kind in {"name", "person"}:
            human = last in lexicon.PERSON_NOUNS | lexicon.PROFESSIONS or _DOER.search(last)
            alone = len(named) == 1 and last in lexicon.PERSON_NOUNS
            kind = "person" if is_name(named) and human and (kind == "person" or alone) else "name"
        if not _overlap(value, owner):
            topic = self.scene.topic
            person = topic.person if owner == topic.text else is_person_name(owner.split())
            yield self.of(Subject(owner, person)).fact("noun", noun, value, kind, verb)

    def kind(self, verb: Verb, words: list[str]) -> Iterator[Fact]:
        """The subject is such a thing or person."""
        yield self.fact("class", "", joined(words), "thing", verb, unit=head_noun(words))

    def agent(self, verb: Verb, doer: str, kind: Kind, unit: str = "") -> Iterator[Fact]:
        """The value did it to the subject."""
        if verb.bare and is_usable(doer.split()) and doer != self.subject.text:
            phrase = joined([verb.bare, verb.particle]) if verb.particle else verb.bare
            yield self.fact("agent", phrase, doer, kind, verb, unit=unit)


def _overlap(one: str, other: str) -> bool:
    """Whether one holds all the words of the other in a row."""
    first, second = f" {one.lower()} ", f" {other.lower()} "
    return first in second or second in first
