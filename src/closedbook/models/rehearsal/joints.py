"""How a predicate is put together: where it goes on, shares its subject, or gives way to another
clause.

Knows conjunctions, commas and relative words; nothing of what is said.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from closedbook.models.rehearsal import lexicon
from closedbook.models.rehearsal.starts import AUXILIARIES, skip_adverbs, starts_clause
from closedbook.models.rehearsal.values import is_capital, is_number
from closedbook.models.rehearsal.verbs import INTRANSITIVE, PARTICIPLES, PAST, THIRD

_JOINTS = frozenset({"and", "but", "while", "whereas", "yet", "so"})
_STOPS = frozenset({":", "—", "–", "-", "(", ")", "…", "!", "?", "/", "|"})
_NOUNISH = lexicon.word_list("nounish")

Joint = Literal["main", "verb", "sentence", "relative", "phrase", "comma", "drop"]


@dataclass(slots=True)
class Piece:
    """Words of a predicate, and how they are joined to those before."""

    joint: Joint
    words: list[str] = field(default_factory=list)


def starts_predicate(words: list[str], *, past: bool) -> bool:
    """Whether a verb that shares the subject of the clause before stands here."""
    index = skip_adverbs(words, 0)
    if index + 1 >= len(words):
        return False
    verb, following = words[index], words[index + 1]
    if verb in AUXILIARIES:
        return True
    small = following.lower() in lexicon.DETERMINERS | lexicon.PREPOSITIONS
    firm = small or is_capital(following) or is_number(following)
    if verb in PAST or verb in PARTICIPLES:
        return firm or past
    return verb in THIRD and following != "of" and (firm or verb not in _NOUNISH)


def _joint(words: list[str], index: int, *, past: bool) -> tuple[Joint, int] | None:
    """What begins at `index`, and how many words of joining to leave out."""
    lower, rest = words[index].lower(), words[index + 1 :]
    found: tuple[Joint, int] | None = None
    if words[index] in _STOPS:
        found = "drop", 1
    elif lower == ",":
        found = _after_comma(rest, past=past)
    elif lower in _JOINTS:
        found = _after_joint(rest, shares=lower in {"and", "but"}, past=past)
    elif lower in lexicon.RELATIVES and not is_capital(words[index]):
        found = "relative", 0
    elif lower in lexicon.SUBORDINATORS and (
        starts_clause(rest) or lower not in lexicon.PREPOSITIONS
    ):
        found = "drop", 1
    return found


def _after_joint(rest: list[str], *, shares: bool, past: bool) -> tuple[Joint, int] | None:
    if starts_clause(rest):
        return "sentence", 1
    return ("verb", 1) if shares and starts_predicate(rest, past=past) else None


def _after_comma(rest: list[str], *, past: bool) -> tuple[Joint, int]:
    first = rest[0].lower() if rest else ""
    found: tuple[Joint, int] = "comma", 1
    if first in _JOINTS or first == "then":
        joint = _after_joint(rest[1:], shares=True, past=past)
        if joint is not None:
            found = joint[0], 2
        elif first != "and":
            found = "drop", 1
    elif first in lexicon.RELATIVES:
        found = "relative", 1
    elif first in lexicon.PREPOSITIONS:
        found = "phrase", 1
    elif first in lexicon.SUBORDINATORS:
        found = "drop", 1
    elif _resumes(rest, past=past):
        found = "verb", 1
    return found


def _resumes(rest: list[str], *, past: bool) -> bool:
    """Whether a series of verbs goes on ("weighs a ton, costs nothing and ..."): a bare participle
    before a preposition is a remark instead ("a firm, founded in ...")."""
    index = skip_adverbs(rest, 0)
    if not starts_predicate(rest, past=past):
        return False
    participle = rest[index] in PARTICIPLES and rest[index] not in AUXILIARIES
    bare = rest[index + 1].lower() in lexicon.PREPOSITIONS
    return not (participle and bare) or PARTICIPLES[rest[index]] in INTRANSITIVE


def pieces(predicate: list[str]) -> list[Piece]:
    """The predicate cut where something new begins."""
    past = any(first in PAST for first in predicate[:1])
    found = [Piece("main")]
    index = 0
    while index < len(predicate):
        joint = _joint(predicate, index, past=past) if index else None
        if joint is None:
            found[-1].words.append(predicate[index])
            index += 1
            continue
        found.append(Piece(joint[0]))
        index += joint[1]
        if joint[0] == "relative":
            found[-1].words.append(predicate[index])
            index += 1
        if joint[0] == "sentence":
            found[-1].words.extend(predicate[index:])
            break
    return found
