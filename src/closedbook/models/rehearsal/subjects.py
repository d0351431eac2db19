"""Who or what a clause is about: names, "it", "the company", "its capital", "Orr's mayor".

Knows the document's title and what was said so far, sentence by sentence. An expression that it
cannot resolve with confidence has no subject, and its clause is left out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from closedbook.models.rehearsal import lexicon
from closedbook.models.rehearsal.fact import Kind
from closedbook.models.rehearsal.sentences import joined
from closedbook.models.rehearsal.starts import is_adverb
from closedbook.models.rehearsal.topic import bare_title, class_nouns, opens_with, topic_name
from closedbook.models.rehearsal.values import bare_name, is_capital, is_name, is_person_name

_OTHER = lexicon.word_list("other")
_OPENERS = lexicon.word_list("openers")
_POSSESSORS = {"its": "it", "his": "he", "her": "she", "their": "they"}
RELATIONAL = lexicon.PERSON_NOUNS | lexicon.word_list("relational")


@dataclass(frozen=True, slots=True)
class Subject:
    """`text` names it in full; `noun` and `owner` are set where it is the something of another."""

    text: str
    person: bool = False
    noun: str = ""
    owner: str = ""

    @property
    def kind(self) -> Kind:
        """As a value."""
        return "person" if self.person else "name"


class Scene:
    """What a reader of the document has in mind at the present sentence.

    A text that does not begin with its topic is taken for a story or the like: in it, "it" and
    "she" mean no more than the subject of the sentence before.
    """

    def __init__(self, title: str, sentences: list[str]) -> None:
        """The scene before the first sentence."""
        text, opening = " ".join(sentences), " ".join(sentences[:2])
        name = topic_name(title, text, opening.split())
        self.pronoun = _gender(text)
        self.nouns = class_nouns(name, text)
        person = bool(self.nouns & lexicon.PERSON_CLASSES) or (
            bool(self.pronoun) and is_person_name(name.split()) and not self.nouns & lexicon.LOCATED
        )
        self.topic = Subject(name, person)
        self.known = _proper_words(text)
        self.anchored = opens_with(name, title, opening)
        self.thing = self.topic if self.anchored and not person else None
        self.person = self.topic if self.anchored and person else None
        self.named: dict[str, str] = {}

    def resolve(self, words: tuple[str, ...]) -> Subject | None:
        """What the noun phrase stands for."""
        first = words[0].lower()
        if len(words) == 1 and first in lexicon.PRONOUNS:
            return self._pronoun(first)
        if first in lexicon.POSSESSIVES:
            owner = self._pronoun(_POSSESSORS[first])
            return self._of(list(words[1:]), owner) if owner else None
        for index, word in enumerate(words):
            if re.search(r"['’]s?$", word) and index + 1 < len(words):
                return self._genitive(words, index)
        if first in {"a", "an", "one"} and len(words) > 1:
            return self._indefinite(words)
        if first in lexicon.DETERMINERS and not is_name(list(words[1:])):
            return self._definite(words) if first in {"the", "this"} else None
        return self._name(list(words))

    def _pronoun(self, word: str) -> Subject | None:
        if word == "it":
            return self.thing
        if word == "they":
            many = not self.topic.person and self.nouns & lexicon.ORGANISATION_CLASSES
            return self.topic if many else None
        if self.topic.person and self.pronoun in {word, ""}:
            return self.person if self.person == self.topic else None
        return self.person if self.person != self.topic else None

    def _of(self, nouns: list[str], owner: Subject) -> Subject | None:
        """The owner's something; "his wife Ada Ore" is Ada Ore."""
        first = next((i for i, w in enumerate(nouns) if is_capital(w)), len(nouns))
        if not nouns or len(nouns) > 5 or nouns[0] in lexicon.PREPOSITIONS:
            return None
        if 0 < first < len(nouns) and set(nouns[:first]) & lexicon.PREPOSITIONS == set():
            if not is_name(nouns[first:]) or nouns[first - 1] not in lexicon.PERSON_NOUNS:
                return None
            noun, name = joined(nouns[:first]), joined(nouns[first:])
            return Subject(name, is_person_name(nouns[first:]), noun, owner.text)
        if owner.noun and owner.text.startswith("the "):
            return None
        return _something(nouns, owner)

    def _genitive(self, words: tuple[str, ...], index: int) -> Subject | None:
        owner = self.resolve((*words[:index], re.sub(r"['’]s?$", "", words[index])))
        return self._of(list(words[index + 1 :]), owner) if owner and not owner.noun else None

    def _indefinite(self, words: tuple[str, ...]) -> Subject | None:
        """ "a Nove lamp" where the topic is the Nove lamp; "a day on Orr"."""
        if joined(list(words[1:])).lower() == bare_title(self.topic.text).lower():
            return self.topic
        timed = len(words) > 3 and words[1] in {"day", "year", "night"}
        place = self.resolve(words[3:]) if timed and words[2] in {"on", "at", "in"} else None
        if place is None:
            return None
        return Subject(f"a {words[1]} {words[2]} {place.text}", owner=place.text)

    def _definite(self, words: tuple[str, ...]) -> Subject | None:
        name, _ = bare_name(list(words))
        if name != list(words):
            return self._name(name)
        lower = [w.lower() for w in words]
        if joined(lower[1:]) == bare_title(self.topic.text).lower():
            return self.topic
        return self._of_phrase(words) if "of" in words else self._by_noun(words, lower)

    def _by_noun(self, words: tuple[str, ...], lower: list[str]) -> Subject | None:
        """ "the company", "the capital"."""
        noun = lower[-1]
        if set(lower) & _OTHER or len(words) > 3:
            return None
        if self.anchored and noun in self.nouns and len(words) == 2:
            return self.topic
        if self.anchored and noun in RELATIONAL and not self.topic.person:
            return self._of(list(words[1:]), self.topic)
        return None

    def _of_phrase(self, words: tuple[str, ...]) -> Subject | None:
        cut = words.index("of")
        nouns, owner_words = list(words[1:cut]), words[cut + 1 :]
        if not nouns or not owner_words or "of" in owner_words or any(is_capital(n) for n in nouns):
            return None
        owner = self.resolve(owner_words)
        if owner is None or (owner.noun and not owner.text.startswith("the ")):
            return None
        if owner.noun:
            noun = f"{joined(nouns)} of the {owner.noun}"
            return Subject(f"the {noun} of {owner.owner}", False, noun, owner.owner)
        return _something(nouns, owner)

    def _name(self, words: list[str]) -> Subject | None:
        article = words[0].lower() == "the"
        bare = words[1:] if article else words
        if not is_name(bare):
            return None
        text = joined(bare)
        if text.lower() == bare_title(self.topic.text).lower() or self._shortens_topic(bare):
            return self.topic
        if text in self.named:
            full = self.named[text]
            return Subject(full, is_person_name(full.split()))
        if not self._is_proper(bare):
            return None
        return Subject(f"the {text}" if article else text, is_person_name(bare) and not article)

    def _is_proper(self, words: list[str]) -> bool:
        """Whether it is a name, not a common word that begins a sentence."""
        if len(words) == 1:
            return words[0] in self.known
        return not (is_adverb(words[0]) or words[0].lower() in _OPENERS)

    def _shortens_topic(self, words: list[str]) -> bool:
        full = bare_title(self.topic.text).split()
        named = len(words) == 1 and words[0][0].isupper()
        return named and len(full) > 1 and words[0] in (full[0], full[-1])

    def after(self, subject: Subject | None, words: list[str]) -> None:
        """Note who was spoken of in a sentence: its subject, and the names in its words."""
        people = _people(words, self.topic.text)
        for name in people:
            self.named.setdefault(name.split()[-1], name)
        if subject is None:
            if not self.anchored:
                self.thing = self.person = None
            return
        about = self.topic if subject.owner == self.topic.text else subject
        if about.person:
            self.person = about
            if about != self.topic and not self.topic.person:
                self.thing = self.topic
        else:
            self.thing = about
            if not self.topic.person:
                self.person = Subject(people[0], person=True) if len(people) == 1 else None


def _something(nouns: list[str], owner: Subject) -> Subject:
    """The owner's something, named in full."""
    noun, person = joined(nouns), nouns[-1] in lexicon.PERSON_NOUNS
    return Subject(f"the {noun} of {owner.text}", person, noun, owner.text)


def _proper_words(text: str) -> frozenset[str]:
    """Words written with a capital within sentences and never without."""
    inner = set(re.findall(r"(?<=[a-z,] )[A-Z][\w’'-]+", text))
    common = set(re.findall(r"\b[a-z]+\b", text))
    return frozenset(word for word in inner if word.lower() not in common)


def _people(words: list[str], topic: str) -> list[str]:
    found: list[str] = []
    run: list[str] = []
    closed = lexicon.POINTING | lexicon.PREPOSITIONS
    if words and (is_adverb(words[0]) or words[0].lower() in _OPENERS):
        words = words[1:]
    for word in [*words, "."]:
        if word[0].isupper() and word.lower() not in closed:
            run.append(word)
            continue
        if is_person_name(run) and joined(run) != topic:
            found.append(joined(run))
        run = []
    return list(dict.fromkeys(found))


def _gender(text: str) -> str:
    """The pronoun for people the text uses, if only one."""
    found = set(re.findall(r"\b(he|she)\b", text.lower()))
    return found.pop() if len(found) == 1 else ""
