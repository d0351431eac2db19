"""Reading: a text to the facts it states.

Puts the pieces together: sentences, clauses, subjects, predicates. Precision goes before recall: a
sentence that denies, supposes, asks or cannot be followed gives nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

from closedbook.models.rehearsal import lexicon
from closedbook.models.rehearsal.being import copular, possession, topic_has
from closedbook.models.rehearsal.clauses import Clause, clauses
from closedbook.models.rehearsal.doing import action, topic_counts
from closedbook.models.rehearsal.fact import Fact
from closedbook.models.rehearsal.phrases import read_verb, trimmed
from closedbook.models.rehearsal.saying import Saying
from closedbook.models.rehearsal.sentences import Sentence, joined, sentences, tokens
from closedbook.models.rehearsal.subjects import Scene, Subject
from closedbook.models.rehearsal.topic import bare_title
from closedbook.models.rehearsal.values import amount

MAX_SENTENCE_WORDS = 60
_REMARK = re.compile(r"([^()]{2,60}?) \(([^()]*)\)")
_GENITIVES = ("", "'s", "’s", "'", "’")
_YEARS = re.compile(r"(\d{4})\s?[-–—]\s?(\d{4})")


@lru_cache(maxsize=256)
def reading(text: str, title: str) -> tuple[tuple[Sentence, tuple[Fact, ...]], ...]:
    """Every sentence of the text with the facts it states."""
    parts = sentences(text)
    if not parts:
        return ()
    scene = Scene(title, [part.text for part in parts])
    seen: set[tuple[str, str, str]] = set()
    read: list[tuple[Sentence, tuple[Fact, ...]]] = []
    for part in parts:
        words = _merged(tokens(part.text), scene.topic.text)
        fresh: dict[tuple[str, str, str], Fact] = {}
        if part.complete and len(words) <= MAX_SENTENCE_WORDS:
            for found in _sentence_facts(words, scene, part.text):
                fact = found if scene.anchored else _in_story(found, scene, title)
                if fact and (key := (fact.subject, fact.relation, fact.value)) not in seen:
                    fresh.setdefault(key, fact)
        seen.update(fresh)
        read.append((part, tuple(fresh.values())))
    return tuple(read)


def read_facts(text: str, title: str) -> list[Fact]:
    """The facts `text` states, in order. `title` helps to know what "it" is."""
    return [fact for _, facts in reading(text, title) for fact in facts]


def _sentence_facts(words: list[str], scene: Scene, evidence: str) -> list[Fact]:
    """Also moves the scene on."""
    previous: Subject | None = None
    main: Subject | None = None
    found: list[Fact] = []
    for said in _life(scene, evidence):
        found.extend(_facts_of(Saying(scene.topic, scene, evidence), said))
    for clause in clauses(words):
        subject = scene.resolve(clause.subject) if clause.subject else previous
        if subject is None:
            found.extend(_unresolved(clause, scene, evidence))
        if subject is None or (not clause.predicate and not clause.apposition):
            previous = None
            continue
        if not clause.antecedent:
            main = main or subject
            previous = subject
        found.extend(_clause_facts(clause, subject, scene, evidence))
    if main and not main.person and found and {f.subject for f in found} == {scene.topic.text}:
        main = scene.topic
    scene.after(main, words)
    return found


def _unresolved(clause: Clause, scene: Scene, evidence: str) -> Iterator[Fact]:
    """What a clause about something common says of the topic: "300 people work for it",
    "bicycles are the main product of Orr"."""
    words = list(clause.subject)
    if not words or not clause.predicate or words[0].lower() in lexicon.POINTING:
        return
    if words == ["There"]:
        yield from topic_has(Saying(scene.topic, scene, evidence), clause.predicate)
        return
    named = bool(set(clause.predicate[2:5]) & (lexicon.PLACE_CLASSES | lexicon.PERSON_NOUNS))
    common = Subject(joined(words if named else [words[0].lower(), *words[1:]]))
    if amount(words)[0]:
        yield from topic_counts(Saying(common, scene, evidence), words, clause.predicate)
    elif clause.predicate[:2] in {("is", "the"), ("are", "the"), ("was", "the"), ("were", "the")}:
        yield from _facts_of(Saying(common, scene, evidence), clause.predicate)


def _in_story(fact: Fact, scene: Scene, title: str) -> Fact | None:
    """In a story, what people do with things is not worth asking; the rest needs the story's
    title."""
    named = fact.value[0].isupper() and fact.kind in {"name", "person", "place"}
    told = fact.kind in {"year", "date", "measure"} or (
        named and (fact.form in {"agent", "noun"} or fact.phrase.startswith("be "))
    )
    if not told:
        return None
    return fact if bare_title(scene.topic.text) in fact.subject else replace(fact, context=title)


def _life(scene: Scene, evidence: str) -> Iterator[tuple[str, ...]]:
    """What stands in parentheses after a name: "(born 3 May 1900 in Orr)", "(1900-1980)"."""
    remark = _REMARK.match(evidence)
    if not remark or not scene.topic.person or remark[1] != scene.topic.text:
        return
    if years := _YEARS.fullmatch(remark[2]):
        yield "was", "born", "in", years[1]
        yield "died", "in", years[2]
    for part in re.split(r"[;,] | and | – ", remark[2]):
        said = tokens(part)
        if said[:1] in (["born"], ["died"]) and len(said) > 1:
            if said[1][0].isdigit() or said[1].split()[0].lower() in lexicon.MONTHS:
                said.insert(1, "in" if said[1].isdigit() else "on")
            yield ("was", *said) if said[0] == "born" else tuple(said)


def _clause_facts(clause: Clause, subject: Subject, scene: Scene, evidence: str) -> Iterator[Fact]:
    saying = Saying(subject, scene, evidence)
    if clause.apposition:
        yield from _facts_of(saying, ("is", *clause.apposition))
        return
    if subject.noun and not subject.text.startswith("the "):
        owner = Subject(f"the {subject.noun} of {subject.owner}", True, subject.noun, subject.owner)
        yield from _facts_of(saying.of(owner), ("is", *subject.text.split()))
    yield from _facts_of(saying, clause.predicate, clause.fronted)


def _facts_of(
    saying: Saying, predicate: tuple[str, ...], fronted: tuple[tuple[str, ...], ...] = ()
) -> Iterator[Fact]:
    """All facts the predicate states; `fronted` are phrases that stood before the subject."""
    verb = read_verb(predicate)
    if verb is None:
        return
    every = [(p[0].lower(), trimmed(list(p[1:]))) for p in fronted]
    extra = [(preposition, words) for preposition, words in every if words]
    for preposition, words in extra:
        if preposition == "with" and not saying.subject.noun:
            yield from possession(saying, replace(verb, rest=tuple(words)))
    if verb.participle or verb.bare not in {"be", "have"}:
        yield from action(saying, verb, extra)
    elif verb.rest:
        yield from (possession if verb.bare == "have" else copular)(saying, verb)


def _merged(words: list[str], topic: str) -> list[str]:
    """The topic's name of several words, and prepositions of two words, as one token each."""
    name = topic.removeprefix("the ").split()
    last_names = {f"{last}{ending}" for last in name[-1:] for ending in _GENITIVES}
    merged: list[str] = []
    index = 0
    while index < len(words):
        *first, last = words[index : index + max(1, len(name))]
        together = 1
        if len(name) > 1 and first == name[:-1] and last in last_names:
            together = len(name)
        elif " ".join(words[index : index + 2]) in lexicon.PREPOSITIONS:
            together = 2
        merged.append(" ".join(words[index : index + together]))
        index += together
    return merged
