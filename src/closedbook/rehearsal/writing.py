"""Turns an entity's facts into a short encyclopaedia article.

Knows the grammar of a sentence, not the relations. Invariant: every fact is told exactly once, in
a sentence whose subject is the article's own (by name, common noun or pronoun).
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice
from random import Random

from closedbook.rehearsal.kinds import Kind, Relation

Facts = Mapping[str, str]


def write_article(kind: Kind, name: str, facts: Facts, random: Random) -> str:
    """Markdown: the name as heading, then two or three paragraphs that tell all of `facts`."""
    article = _Article(kind, name, facts, random)
    groups = iter(article.groups())
    sizes = random.choice(((2, 2, 1), (2, 3), (3, 2), (2, 1, 2)))
    paragraphs = [article.paragraph(list(islice(groups, size))) for size in sizes]
    return "\n\n".join([f"# {name}", *paragraphs]) + "\n"


class _Article:
    """One article being written."""

    def __init__(self, kind: Kind, name: str, facts: Facts, random: Random) -> None:
        self._kind, self._name, self._facts, self._random = kind, name, facts, random
        self._they, self._its = random.choice(kind.pronouns)
        self._fillers = random.sample(kind.fillers, 2)
        self._introduced = not kind.is_a

    def groups(self) -> list[list[Relation]]:
        """The relations in telling order, one or two per sentence: five sentences of eight."""
        relations = [*self._kind.relations]
        self._random.shuffle(relations)
        sizes = [2, 2, 2, 1, 1]
        self._random.shuffle(sizes)
        rest = iter(relations)
        return [list(islice(rest, size)) for size in sizes]

    def paragraph(self, groups: list[list[Relation]]) -> str:
        sentences = [
            self._sentence(group, opening=position == 0) for position, group in enumerate(groups)
        ]
        if self._fillers and self._random.random() < 0.7:
            sentences.append(self._fillers.pop())
        return " ".join(sentences)

    def _sentence(self, relations: list[Relation], *, opening: bool) -> str:
        if len(relations) == 1:
            return self._single(relations[0], opening=opening)
        first, second = relations
        for a, b, predicate in self._random.sample(self._kind.together, len(self._kind.together)):
            if {a, b} == {first.key, second.key}:
                told = predicate.format(a=self._facts[a], b=self._facts[b])
                return f"{self._subject(opening=opening)} {told}."
        if not first.predicates or (second.predicates and self._random.random() < 0.5):
            first, second = second, first
        return self._pair(first, second, opening=opening)

    def _single(self, relation: Relation, *, opening: bool) -> str:
        standing = self._introduced and self._random.random() < 0.5
        if relation.sentences and (standing or not relation.predicates):
            return self._standing(relation, opening=opening)
        return f"{self._subject(opening=opening)} {self._predicate(relation)}."

    def _pair(self, first: Relation, second: Relation, *, opening: bool) -> str:
        if not first.predicates:
            one, other = self._single(first, opening=opening), self._single(second, opening=False)
            return f"{one} {other}"
        if not second.predicates:
            told = self._standing(second, opening=False)
            return f"{self._subject(opening=opening)} {self._predicate(first)}. {told}"
        if first.leads and self._introduced and self._random.random() < 0.3:
            lead = self._random.choice(first.leads).format(v=self._facts[first.key])
            subject = self._name if opening else self._they
            return f"{lead}, {subject} {self._predicate(second)}."
        told, also = self._predicate(first), self._predicate(second)
        form = self._random.random()
        if form < 0.4 and self._introduced:
            return f"{self._subject(opening=opening)} {told} and {also}."
        if form < 0.7 and self._introduced:
            subject = self._subject(opening=opening, pronoun=False)
            return f"{subject}, {self._kind.who} {told}, {also}."
        return f"{self._subject(opening=opening)} {told}, and {self._they} {also}."

    def _subject(self, *, opening: bool, pronoun: bool = True) -> str:
        if not self._introduced:
            self._introduced = True
            return f"{self._name} is {self._kind.is_a} that"
        if opening:
            return self._name
        choices = [self._name, *self._kind.called]
        if pronoun:
            choices += [self._they] * 2 * len(choices)
        return _capital(self._random.choice(choices))

    def _predicate(self, relation: Relation) -> str:
        return self._random.choice(relation.predicates).format(v=self._facts[relation.key])

    def _standing(self, relation: Relation, *, opening: bool) -> str:
        its = f"{self._name}'s" if opening else self._its
        sentence = self._random.choice(relation.sentences)
        return sentence.format(v=self._facts[relation.key], Its=_capital(its))


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]
