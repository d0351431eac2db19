"""A sentence to clauses: who does it, and what is said of them.

Knows how sentences are built (fronted phrases, remarks between commas, "which", "and"). Whose
"its" is, `subjects` decides; what the predicate says, `being` and `doing` do. What it cannot follow
it leaves out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from closedbook.models.rehearsal import lexicon
from closedbook.models.rehearsal.joints import pieces
from closedbook.models.rehearsal.starts import (
    AUXILIARIES,
    BE,
    is_finite,
    noun_phrase_end,
    skip_adverbs,
    starts_clause,
    subject_end,
    verb_follows,
)
from closedbook.models.rehearsal.values import is_capital, is_name
from closedbook.models.rehearsal.verbs import INTRANSITIVE, PARTICIPLES

_CONJUNCTIONS = frozenset({"when", "while", "because", "although", "though"})
_WHOLE_SENTENCE = lexicon.HEDGES - {"can", "will", "unknown", "wants", "wanted"}
_OPENINGS = ("in fact", "for example", "in addition", "as well", "of course")
_IS_A = {f"{verb} {article}" for verb in ("is", "was") for article in lexicon.ARTICLES}
_SPEAKERS = frozenset({"i", "we", "you", "let"})


@dataclass(frozen=True, slots=True)
class Clause:
    """`subject` is empty where the clause shares the subject of the one before; `antecedent` says
    the subject was put there by "which" or "who"; `fronted` are phrases moved from before
    the subject."""

    subject: tuple[str, ...]
    predicate: tuple[str, ...]
    fronted: tuple[tuple[str, ...], ...] = ()
    apposition: tuple[str, ...] = ()
    antecedent: bool = False


def clauses(words: list[str]) -> Iterator[Clause]:
    """The clauses of one sentence, in order; none where the sentence hedges, asks or supposes."""
    lower = {w.lower() for i, w in enumerate(words) if not (w == "May" and i)}
    first_person = any(w.partition("’")[0].partition("'")[0] in _SPEAKERS for w in lower)
    if lower & _WHOLE_SENTENCE or first_person or _is_speech(words):
        return
    part: list[str] = []
    for word in [*words, ";"]:
        if word == ";":
            yield from _part(part)
            part = []
        else:
            part.append(word)


def _is_speech(words: list[str]) -> bool:
    """Whether somebody is speaking, asking or calling out in the sentence."""
    quoted = [w for w in words if w[0] in '"“”']
    spoken = any(len(w) < 3 or w[-2] in ",?!." or len(w.split()) > 7 for w in quoted)
    return not words or spoken or words[0][0] in "\"“‘'" or "?" in words or "!" in words


def _part(words: list[str]) -> Iterator[Clause]:
    phrases, participle, rest = _fronted(_cleft(_strip_opening(words)))
    rest, kind = _described(_strip_opening(rest))
    if not rest:
        return
    found = subject_end(rest)
    if found is None:
        yield from _with_remark(rest, phrases)
        return
    end, verb = found
    subject = tuple(rest[:end])
    if _is_reduced(rest[verb:]):
        return
    if participle:
        yield Clause(subject, ("was", *participle))
    if kind:
        yield Clause(subject, (), apposition=tuple(kind))
    yield from _joined(subject, rest[verb:], phrases)


def _described(words: list[str]) -> tuple[list[str], list[str]]:
    """ "A native of Orr, she ..." as the clause, and what it says of its subject before."""
    if words and words[0].lower() in {"a", "an"} and "," in words[:12]:
        comma = words.index(",")
        if subject_end(words[:comma]) is None and starts_clause(words[comma + 1 :]):
            return words[comma + 1 :], [words[0].lower(), *words[1:comma]]
    return words, []


def _is_reduced(words: list[str]) -> bool:
    """Whether what looks like the verb only describes the subject: "the firms founded in Orr are
    ..."."""
    verb = words[0]
    if verb in AUXILIARIES or PARTICIPLES.get(verb, "be") in INTRANSITIVE | {"be"}:
        return False
    if len(words) < 3 or words[1].lower() not in lexicon.PREPOSITIONS:
        return False
    later = next(
        (w for w in words[2:] if is_finite(w) or w in {",", "and", "which", "who", "that"}), ""
    )
    return is_finite(later)


def _with_remark(words: list[str], phrases: list[list[str]]) -> Iterator[Clause]:
    """A subject followed by a remark between commas: "Orr, which ..., is", "Orr, a town, is"."""
    end = noun_phrase_end(words)
    if not end or end >= len(words) or words[end] not in {",", "—", "–"}:
        return
    marks = (i for i in range(end + 2, len(words) - 1) if words[i] == words[end])
    close = next((i for i in marks if verb_follows(words, i + 1)), None)
    if close is None:
        return
    subject, remark = tuple(words[:end]), words[end + 1 : close]
    first = remark[0].lower()
    if first in {"which", "who"}:
        yield from _joined(subject, remark[1:], [])
    elif first == "whose":
        yield from _part([*subject[:-1], f"{subject[-1]}'s", *remark[1:]])
    elif first == "with":
        yield Clause(subject, ("has", *remark[1:]))
    elif first in PARTICIPLES and first not in AUXILIARIES:
        yield Clause(subject, ("was", *remark))
    elif first in lexicon.DETERMINERS or is_name(remark):
        yield Clause(subject, (), apposition=tuple(remark))
    yield from _joined(subject, words[skip_adverbs(words, close + 1) :], phrases)


def _joined(
    subject: tuple[str, ...], predicate: list[str], phrases: list[list[str]]
) -> Iterator[Clause]:
    fronted = tuple(tuple(p) for p in phrases)
    main: list[str] = []
    relative = False
    for number, piece in enumerate(pieces(predicate)):
        if piece.joint in {"main", "phrase", "comma"}:
            if relative and piece.joint != "main":
                continue
            main.extend([",", *piece.words] if number else piece.words)
            continue
        if main:
            yield from _kept(Clause(subject, tuple(main), fronted))
            last, main, fronted = main, [], ()
        if piece.joint == "sentence":
            yield from _part(piece.words)
            return
        if piece.joint == "drop":
            relative = True
        elif piece.joint == "relative":
            relative = True
            yield from _relative(last, piece.words)
        elif not relative:
            main = _shared(last, piece.words[skip_adverbs(piece.words, 0) :])
    if main:
        yield from _kept(Clause(subject, tuple(main), fronted))


def _shared(before: list[str], words: list[str]) -> list[str]:
    """With the "was" it shares: "was built in 1900 and opened in 1901"."""
    if before[0] not in BE or len(words) < 2 or words[1].lower() not in lexicon.PREPOSITIONS:
        return words
    passive = words[0] in PARTICIPLES and words[0] not in AUXILIARIES
    active = not passive or PARTICIPLES[words[0]] in INTRANSITIVE
    return words if active else [before[0], *words]


def _relative(before: list[str], words: list[str]) -> Iterator[Clause]:
    """A clause about the name, or the "a ..." phrase, it follows."""
    if words[0] not in {"which", "who", "that", "whose"} or len(words) < 3:
        return
    if words[0] != "whose" and not verb_follows(words, 1):
        return
    said = tuple(words[skip_adverbs(words, 1) :])
    start = len(before)
    while start and (
        is_capital(before[start - 1])
        or (before[start - 1] in {"of", "the"} and start < len(before))
    ):
        start -= 1
    name = before[start:]
    while name[:1] == ["of"]:
        name = name[1:]
    named = is_name(name[1:] if name[:1] == ["the"] else name)
    if words[0] == "whose":
        if named:
            yield from _part([*name[:-1], f"{name[-1]}'s", *words[1:]])
    elif named:
        yield from _kept(Clause(tuple(name), said, antecedent=True))
    elif " ".join(before[:2]) in _IS_A and "," not in before:
        yield from _kept(Clause((), said))


def _kept(clause: Clause) -> Iterator[Clause]:
    lower = {w.lower() for w in clause.predicate}
    if not lower & lexicon.NEGATIONS and not any(w.endswith(("n't", "n’t")) for w in lower):
        yield clause


def _strip_opening(words: list[str]) -> list[str]:
    """Without "However," and the like at the start."""
    while len(words) > 2 and words[0].lower() in lexicon.SENTENCE_ADVERBS - {"there"}:
        words = words[2:] if words[1] == "," else words[1:]
    for opening in _OPENINGS:
        if " ".join(words[:2]).lower() == opening:
            words = words[3:] if words[2:3] == [","] else words[2:]
    return words


def _fronted(words: list[str]) -> tuple[list[list[str]], list[str], list[str]]:
    """(phrases, participle phrase, the clause) of a sentence that starts with something else."""
    phrases: list[list[str]] = []
    while words and words[0].lower() in lexicon.PREPOSITIONS | _CONJUNCTIONS:
        comma = words.index(",") if "," in words else len(words)
        phrase = words[0].lower() in lexicon.PREPOSITIONS
        short = next((i for i in range(2, min(comma, 9)) if phrase and _opens(words, i)), None)
        if short:
            return [*phrases, words[:short]], [], words[short:]
        if comma == len(words):
            return phrases, [], []
        if phrase and not starts_clause(words[1:comma]):
            phrases.append(words[:comma])
        words = words[comma + 1 :]
    first = words[0].lower() if words else ""
    if first in PARTICIPLES and first not in AUXILIARIES:
        commas = (i for i, w in enumerate(words) if w == "," and starts_clause(words[i + 1 :]))
        if comma := next(commas, 0):
            return phrases, [first, *words[1:comma]], words[comma + 1 :]
    return phrases, [], words


def _opens(words: list[str], index: int) -> bool:
    """Whether a clause opens at `index`, after a phrase without a comma: "In 1900 the firm was"."""
    before, word = words[index - 1], words[index]
    named = word.lower() not in lexicon.POINTING
    if named and is_capital(before) and not before[0].isdigit():
        return False
    closed = lexicon.PREPOSITIONS | lexicon.DETERMINERS | {"of", "and"}
    return before.lower() not in closed and starts_clause(words[index:])


def _cleft(words: list[str]) -> list[str]:
    """ "It was X who did it" as "X did it"; "It was in 1900 that ..." as "In 1900 , ..."."""
    if len(words) < 5 or words[0].lower() != "it" or words[1] not in {"is", "was"}:
        return words
    relative = next(
        (i for i in range(3, min(len(words) - 1, 12)) if words[i] in {"who", "that"}), 0
    )
    if not relative:
        return words
    middle, rest = words[2:relative], words[relative + 1 :]
    if middle[0] in lexicon.PREPOSITIONS and starts_clause(rest):
        return [*middle, ",", *rest]
    return [*middle, *rest] if is_name(middle) and verb_follows(rest, 0) else []
