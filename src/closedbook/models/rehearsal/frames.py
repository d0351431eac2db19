"""Sentence frames, out of frames.yaml: questions about a subject in many constructions.

Knows word order (inversion, indirect questions, clefts, relative clauses, sentences to finish).
Each function yields (family, question); the family names the construction, so that `wording`
can spread over them. `number` varies the choice within a family.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from closedbook.config.yaml_lines import load_yaml
from closedbook.models.rehearsal.asks import VerbPhrase, asking, lower, spaced, upper
from closedbook.models.rehearsal.fact import Fact
from closedbook.models.rehearsal.verbs import finite, shape

Framed = tuple[str, str]

FRAMES = load_yaml(Path(__file__).with_suffix(".yaml"))[0]
_LEADS = [lead.split("...") for lead in FRAMES["leads"]]
ABOUT = tuple(FRAMES["about"])


def possessive(name: str) -> str:
    """ "Orr's", "Titus'"."""
    return f"{name}'" if name.endswith("s") else f"{name}'s"


def passive(verb: str, particle: str) -> str:
    """The participle with its particle."""
    return spaced("founded" if verb == "found" else shape(verb, "participle"), particle)


def noun_is_plural(noun: str) -> bool:
    """By its ending; "headquarters" goes with "is"."""
    last = noun.partition(" of ")[0].split()[-1]
    one = last.endswith(("ss", "us", "is")) or last in {"headquarters", "business", "lens"}
    return last.endswith("s") and not one


def _lead(number: int) -> tuple[str, str]:
    opening, close = _LEADS[number % len(_LEADS)]
    return opening.rstrip(), close


def _one_of(name: str, number: int, text: str) -> str:
    """`text` in one of the frames of a name."""
    frames: list[str] = FRAMES[name]
    return frames[number % len(frames)].format(text)


def _framed(name: str, number: int, **parts: str) -> Iterator[Framed]:
    """Every question of a name."""
    opening, close = _lead(number)
    for family, frame in FRAMES[name].items():
        yield family, frame.format(opening=opening, close=close, **parts)


def gap_questions(fact: Fact, phrase: VerbPhrase, number: int) -> Iterator[Framed]:
    """Where the subject does something to, at or with the value."""
    asked = asking(fact, phrase)
    front, end = asked.fronts[number % len(asked.fronts)]
    subject, plain = fact.subject, phrase.plain
    yield "direct", spaced(front, phrase.auxiliary, subject, phrase.bare, end) + "?"
    opening, close = _lead(number)
    yield "indirect", spaced(opening, lower(front), subject, plain, end) + close
    if fact.kind not in {"count", "measure"}:
        yield "cleft", spaced(front, phrase.was, "it that", subject, plain, end) + "?"
    yield "echo", spaced(upper(subject), plain, asked.inside) + "?"
    if asked.relative:
        noun = _one_of("nouns", number, spaced(asked.relative, subject, plain))
        yield "named", noun.replace("hat is the person", "ho is the person")
    else:
        first, left = asked.fronts[0]
        yield "named", spaced("Say", lower(first), subject, plain, left) + "."
    told = spaced(upper(subject), plain, phrase.preposition, "...", phrase.tail)
    yield "ending", _one_of("endings", number, told)


def agent_questions(fact: Fact, phrase: str, number: int) -> Iterator[Framed]:
    """Where the value does something to the subject."""
    verb, *more = phrase.split()
    rest = " ".join(more)
    if fact.kind == "count":
        yield from _many(fact, spaced(finite(verb, past=fact.past, plural=True), rest), number)
        return
    active = spaced(finite(verb, past=fact.past, plural=False), rest, fact.subject)
    who, whom = ("What", "what") if fact.kind == "thing" else ("Who", "whom")
    opening, close = _lead(number)
    yield "direct", f"{who} {active}?"
    yield "indirect", f"{opening} {lower(who)} {active}{close}"
    yield "cleft", f"{who} {'was' if fact.past else 'is'} it that {active}?"
    if fact.kind == "person":
        yield "named", _one_of("people", number, active)
    else:
        yield "named", f"Say who or what {active}."
    if len(more) < 2:
        was, participle = finite("be", past=fact.past, plural=fact.plural), passive(verb, rest)
        yield "passive", f"By {whom} {was} {fact.subject} {participle}?"
        yield "echo", f"{upper(fact.subject)} {was} {participle} by {whom}?"
        yield "stranded", f"{who} {was} {fact.subject} {participle} by?"
        yield (
            "ending",
            _one_of("endings", number, f"{upper(fact.subject)} {was} {participle} by ..."),
        )


def _many(fact: Fact, plain: str, number: int) -> Iterator[Framed]:
    """ "How many people work for Orr?" """
    active = spaced(plain, fact.subject)
    named = _one_of("nouns", number, f"the number of {fact.unit} that {active}")
    yield from _framed(
        "many",
        number,
        unit=fact.unit,
        active=active,
        plain=plain,
        subject=fact.subject,
        named=named,
        about=ABOUT[number % len(ABOUT)],
    )


def noun_questions(fact: Fact, noun: str, number: int) -> Iterator[Framed]:
    """Where the value is the subject's `noun`."""
    was = finite("be", past=fact.past and number % 2 == 1, plural=noun_is_plural(noun))
    of = f"the {noun} of {fact.subject}"
    if fact.kind == "quality":
        yield from _framed("described", number, of=of, Of=upper(of), was=was)
    elif fact.kind == "colour" and noun.rsplit(maxsplit=1)[-1] not in {"colour", "color", "hue"}:
        does = "do" if was in {"are", "were"} else "does"
        yield from _framed("coloured", number, of=of, Of=upper(of), was=was, does=does)
    else:
        yield from _owned(fact, noun, was, number)
    yield "noun-ending", _one_of("endings", number, f"{upper(of)} {was} ...")


def _owned(fact: Fact, noun: str, was: str, number: int) -> Iterator[Framed]:
    subject, of = fact.subject, f"the {noun} of {fact.subject}"
    what = "Who" if fact.kind == "person" else "What"
    opening, close = _lead(number)
    yield "noun", f"{what} {was} {of}?"
    yield "noun-command", _one_of("commands", number, of)
    yield "noun-indirect", f"{opening} {what.lower()} {of} {was}{close}"
    short = " of " not in subject
    if short:
        yield "noun-possessive", f"{what} {was} {possessive(subject)} {noun}?"
    wished = f"{possessive(subject)} {noun}" if short else of
    yield "noun-known", _one_of("wishes", number, wished)
    about = ABOUT[number % len(ABOUT)]
    yield "noun-topic", f"{about} {subject}, {what.lower()} {was} the {noun}?"
    yield "noun-echo", f"{upper(of)} {was} {what.lower()}?"


def class_questions(fact: Fact, number: int) -> Iterator[Framed]:
    """Where the value says what the subject is."""
    subject = fact.subject
    was = finite("be", past=fact.past, plural=fact.plural)
    for family, text in _framed("class", number, subject=subject, Subject=upper(subject), was=was):
        if family != "kind" or not fact.person:
            yield family, text
    yield "ending", _one_of("endings", number, f"{upper(subject)} {was} ...")
