"""A predicate taken apart: its verb, its object, its prepositional phrases.

Knows auxiliaries, particles, which words close a phrase, and what belongs together ("at a school in
Orr"). Says nothing of what the parts mean.
"""

from __future__ import annotations

from dataclasses import dataclass

from closedbook.models.rehearsal import lexicon
from closedbook.models.rehearsal.sentences import joined
from closedbook.models.rehearsal.starts import BE, is_adverb, skip_adverbs
from closedbook.models.rehearsal.values import amount, is_capital
from closedbook.models.rehearsal.verbs import BARE, FINITE, GERUNDS, PARTICIPLES, PAST

_ENDS = frozenset({"and", "or"})
_ENCLOSING = lexicon.word_list("enclosing")
_PARTICLES = lexicon.word_list("particles")

Phrase = tuple[str, list[str]]
"""A preposition and the words of its noun phrase."""


@dataclass(frozen=True, slots=True)
class Verb:
    """`bare` is the verb without ending, `participle` the form met where it is passive; `particle`
    is part of it ("set up"); `rest` are the words after it."""

    bare: str
    past: bool
    plural: bool
    rest: tuple[str, ...]
    participle: str = ""
    particle: str = ""

    @property
    def phrase(self) -> str:
        """As a bare verb phrase: "found", "be founded", "be set up"."""
        words = ["be", self.participle] if self.participle else [self.bare]
        return joined([*words, self.particle] if self.particle else words)


def read_verb(words: tuple[str, ...]) -> Verb | None:
    """The verb at the start of a predicate, or None where it is not one we follow."""
    first, second = words[0], skip_adverbs(list(words), 1)
    past = first in PAST
    plural = first in {"were", "are", "have"}
    if first in BE:
        return _being(words, second, past=past, plural=plural)
    if first in {"has", "have", "had"}:
        return _having(words, second, past=past, plural=plural)
    bare = FINITE.get(first) or (first if first in BARE else None)
    if bare is None or bare == "do" or (bare == "use" and words[1:2] == ("to",)):
        return None
    return _with_particle(bare, "", past, first in BARE and first not in PAST, words[1:])


def _being(words: tuple[str, ...], index: int, *, past: bool, plural: bool) -> Verb | None:
    following = words[index] if index < len(words) else ""
    after = words[index + 1 : index + 2]
    if following in GERUNDS:
        return None
    regular = following.endswith("ed") and bool(after) and after[0] in lexicon.PREPOSITIONS
    set_up = following != "set" or after in {("up",), ("in",), ("on",)}
    known = following in PARTICIPLES and set_up
    if (known or regular) and following not in lexicon.COLOURS:
        bare = PARTICIPLES.get(following, "")
        return _with_particle(bare, following, past, plural, words[index + 1 :])
    return Verb("be", past, plural, words[index:])


def _having(words: tuple[str, ...], index: int, *, past: bool, plural: bool) -> Verb | None:
    following = words[index] if index < len(words) else ""
    if following == "been":
        participle, *rest = words[index + 1 :] or ("",)
        if participle not in PARTICIPLES:
            return None
        return _with_particle(PARTICIPLES[participle], participle, True, plural, tuple(rest))
    if following in PARTICIPLES and following not in {"set", "cut", "cost"}:
        return _with_particle(PARTICIPLES[following], "", True, False, words[index + 1 :])
    return Verb("have", past, plural, words[index:])


def _with_particle(
    bare: str, participle: str, past: bool, plural: bool, rest: tuple[str, ...]
) -> Verb:
    rest = rest[skip_adverbs(list(rest), 0) :]
    if bare == "come" and rest[:2] == ("up", "with"):
        return Verb("devise", past, plural, rest[2:])
    if rest and f"{bare}:{rest[0]}" in _PARTICLES:
        return Verb(bare, past, plural, rest[1:], participle, rest[0])
    return Verb(bare, past, plural, rest, participle)


def split_phrases(rest: tuple[str, ...]) -> tuple[list[str], list[Phrase]]:
    """The object (may be empty), and the prepositional phrases after it.

    The preposition "?" marks a phrase that cannot be used.
    """
    segments: list[Phrase] = [("", [])]
    for index, word in enumerate(rest):
        current = segments[-1][1]
        following = rest[index + 1].lower() if index + 1 < len(rest) else ""
        if word == ",":
            if following not in lexicon.PREPOSITIONS and not _is_list(rest, index):
                break
            current.append(",")
        elif (word == "to" and following in BARE) or (
            word in _ENDS and following in lexicon.PREPOSITIONS
        ):
            segments.append(("?", []))
        elif _opens_phrase(rest, index, current):
            segments.append((word.lower(), []))
        else:
            current.append(word)
    cleaned = [(preposition, trimmed(words)) for preposition, words in segments]
    return cleaned[0][1], [item for item in cleaned[1:] if item[1]]


def _opens_phrase(rest: tuple[str, ...], index: int, current: list[str]) -> bool:
    word = rest[index].lower()
    if word == "of":
        return not current
    if word not in lexicon.PREPOSITIONS or (is_capital(rest[index]) and current):
        return False
    return not (word in lexicon.APPROXIMATE and not current and amount(list(rest[index:]))[0])


def _is_list(words: tuple[str, ...], comma: int) -> bool:
    """Whether the comma is one of an enumeration "a, b and c"."""
    tail = list(words[comma + 1 :])
    if "and" not in tail[:8]:
        return False
    last = tail.index("and")
    closed = lexicon.PREPOSITIONS | FINITE.keys() | lexicon.POSSESSIVES | lexicon.ARTICLES
    return not set(tail[: last + 2]) & closed and last + 2 <= len(tail)


def trimmed(words: list[str]) -> list[str]:
    """Without adverbs and commas at the ends."""
    while words and (words[-1].lower() in lexicon.TRAILING or _is_loose(words[-1])):
        words = words[:-1]
    while len(words) > 1 and (words[0] == "," or is_adverb(words[0])):
        words = words[1:]
    return words


def _is_loose(word: str) -> bool:
    return word in {",", "and"} or (word.endswith("ly") and is_adverb(word))


def grouped(phrases: list[Phrase]) -> list[Phrase]:
    """A place that belongs to the phrase before it joins it: "at a school in Orr"."""
    joined_up: list[Phrase] = []
    for preposition, words in phrases:
        before = joined_up[-1] if joined_up else ("", ["X"])
        vague = before[1][-1].islower() and (before[1][0] in {"a", "an"} or before[0] == "by")
        if vague and before[0] != "as" and preposition in _ENCLOSING and is_capital(words[-1]):
            joined_up[-1] = (before[0], [*before[1], preposition, *words])
        else:
            joined_up.append((preposition, words))
    return joined_up


def sizes(words: tuple[str, ...]) -> list[tuple[str, ...]]:
    """ "3 miles long, 2 miles wide and 1 mile deep" as three sizes."""
    parts: list[list[str]] = [[]]
    for word in words:
        if word in {",", "and"} and parts[-1] and parts[-1][-1] in lexicon.DIMENSIONS:
            parts.append([])
        elif word not in {",", "and"} or parts[-1]:
            parts[-1].append(word)
    return [tuple(part) for part in parts if part]


def halves(words: list[str]) -> list[list[str]]:
    """ "three moons and a diameter of ..." as two objects; empty where it is one."""
    cut = words.index("and") if "and" in words else 0
    left, right = words[:cut], words[cut + 1 :]
    counted = all(
        half and (half[0].lower() in {"a", "an"} or amount(half)[0]) for half in (left, right)
    )
    return [left, right] if counted and amount(words)[0] <= cut else []
