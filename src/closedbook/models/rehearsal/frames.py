"""Sentence frames, out of frames.yaml: questions about a subject in many constructions.

Knows word order (inversion, indirect questions, clefts, relative clauses, sentences to finish).
Each function yields (family, question); the family names the construction, so that `wording`
can spread over them. `number` varies the choice within a family.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from closedbook.config.yaml_lines import load_yaml
from closedbook.models.rehearsal.asks import VerbPhrase, asking, spaced, upper
from closedbook.models.rehearsal.fact import Fact
from closedbook.models.rehearsal.verbs import finite, shape

Framed = tuple[str, str]

FRAMES = load_yaml(Path(__file__).with_suffix(".yaml"))[0]
_LEADS = [lead.split("...") for lead in FRAMES["leads"]]
_NEEDLESS_BLANK = re.compile(r" +(?=[ ?]|\.(?!\.))")


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


def one_of(name: str, number: int) -> str:
    """One of a list of frames."""
    frames: list[str] = FRAMES[name]
    return frames[number % len(frames)]


def framed(
    name: str,
    fact: Fact,
    number: int,
    without: Collection[str] = (),
    told: Sequence[str] = (),
    **parts: str,
) -> Iterator[Framed]:
    """The sentences of a name about a fact, but for those of some families; what has {told} once
    for each way in which it is `told`."""
    opening, close = _LEADS[number % len(_LEADS)]
    parts |= {"opening": opening.rstrip(), "close": close, "about": one_of("about", number)}
    parts |= {"subject": fact.subject, "unit": fact.unit, "is": fact.was}
    parts |= {"value": fact.value, "Value": upper(fact.value)}
    for family, frames in FRAMES[name].items():
        if family not in without:
            frame = frames if isinstance(frames, str) else frames[number % len(frames)]
            for way in told if "{told}" in frame else ("",):
                sentence = frame.format(told=way, **parts).strip()
                yield family, upper(_NEEDLESS_BLANK.sub("", sentence))


def gap_questions(fact: Fact, phrase: VerbPhrase, number: int) -> Iterator[Framed]:
    """Where the subject does something to, at or with the value."""
    asked = asking(fact, phrase)
    front, end = asked.fronts[number % len(asked.fronts)]
    done = f"{fact.subject} {phrase.plain}"
    if asked.relative:
        named = one_of("named", number).format(wanted=f"{asked.relative} {done}")
        named = named.replace("hat is the person", "ho is the person")
    else:
        first, left = asked.fronts[0]
        named = spaced("Say", first, done, left) + "."
    without = {"cleft"} if fact.kind in {"count", "measure"} else ()
    parts = {"front": front, "end": end, "inside": asked.inside, "done": done, "named": named}
    parts |= {"auxiliary": phrase.auxiliary, "bare": phrase.bare}
    begun = upper(spaced(done, phrase.preposition, "...", phrase.tail))
    yield from framed("gap", fact, number, without, **parts, begun=begun)


def agent_parts(fact: Fact, phrase: str) -> tuple[dict[str, str], Collection[str]]:
    """What fills the frames where the value does something to the subject, and which of them do
    not fit."""
    verb, _, rest = phrase.removeprefix("~ ").partition(" ")
    plain = spaced(finite(verb, past=fact.past, plural=fact.kind == "count"), rest)
    who, whom = ("what", "what") if fact.kind == "thing" else ("who", "whom")
    parts = {"plain": plain, "active": f"{plain} {fact.subject}", "who": who, "whom": whom}
    parts["was"] = finite("be", past=fact.past, plural=fact.plural)
    parts["participle"] = passive(verb, rest)
    parts["begun"] = upper(f"{fact.subject} {parts['was']} {parts['participle']} by ...")
    return parts, {"passive", "echo", "stranded", "ending"} if " " in rest else ()


def agent_questions(fact: Fact, phrase: str, number: int) -> Iterator[Framed]:
    """Where the value does something to the subject."""
    parts, without = agent_parts(fact, phrase)
    active = parts["active"]
    if fact.kind == "count":
        named = one_of("named", number).format(wanted=f"the number of {fact.unit} that {active}")
        yield from framed("many", fact, number, **parts, named=named)
        return
    named = one_of("named person", number) if fact.kind == "person" else "Say who or what {active}."
    yield from framed("agent", fact, number, without, **parts, named=named.format(active=active))


def noun_parts(fact: Fact, noun: str, *, past: bool) -> tuple[dict[str, str], set[str]]:
    """What fills the frames where the value is the subject's `noun`, and which of them do not
    fit."""
    was = finite("be", past=past, plural=noun_is_plural(noun))
    of, owned = f"the {noun} of {fact.subject}", f"{possessive(fact.subject)} {noun}"
    long = " of " in fact.subject
    parts = {"noun": noun, "was": was, "of": of, "owned": owned, "known": of if long else owned}
    parts["what"] = "who" if fact.kind == "person" else "what"
    parts["does"] = "do" if was in {"are", "were"} else "does"
    parts["begun"] = upper(f"{of} {was} ...")
    return parts, {"noun-possessive", "possessive"} if long else set()


def noun_questions(fact: Fact, noun: str, number: int) -> Iterator[Framed]:
    """Where the value is the subject's `noun`."""
    parts, without = noun_parts(fact, noun, past=fact.past and number % 2 == 1)
    frames = "noun"
    if fact.kind == "quality":
        frames = "described"
    elif fact.kind == "colour" and noun.rsplit(maxsplit=1)[-1] not in {"colour", "color", "hue"}:
        frames = "coloured"
    yield from framed(frames, fact, number, without, **parts)


def class_questions(fact: Fact, number: int) -> Iterator[Framed]:
    """Where the value says what the subject is."""
    was = finite("be", past=fact.past, plural=fact.plural)
    begun = upper(f"{fact.subject} {was} ...")
    without = {"kind"} if fact.person else ()
    yield from framed("class", fact, number, without, was=was, begun=begun)
