"""What a predicate says of its subject, in facts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from closedbook.models.rehearsal.being import copular, possession
from closedbook.models.rehearsal.doing import action
from closedbook.models.rehearsal.fact import Fact
from closedbook.models.rehearsal.phrases import read_verb, trimmed
from closedbook.models.rehearsal.saying import Saying


def facts_of(
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
