"""Sentence frames: a verb phrase or noun, a subject and a question word to English sentences.

Knows word order (inversion, indirect questions, clefts, relative clauses), not what is asked.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from closedbook.models.rehearsal.fact import Fact
from closedbook.models.rehearsal.verbs import auxiliary, finite, shape
from closedbook.models.rehearsal.words import COLOURS, DIMENSIONS, PREPOSITIONS, word_set

Ask = tuple[str, str]
"""A question word or phrase, and the preposition left behind at the end ("Who", "by")."""

_LEADS = (
    ("Do you know", "?"),
    ("I would like to know", "."),
    ("Can you tell me", "?"),
    ("Please say", "."),
    ("Tell me", "."),
    ("Could you say", "?"),
    ("I wonder", "."),
    ("State", "."),
    ("Do you remember", "?"),
    ("It would help to know", "."),
    ("Let me know", "."),
    ("Explain", "."),
)
_ENDINGS = ("Finish this sentence: {}", "Complete: {}", "How does this sentence go on? {}")
ABOUT = ("In the case of", "As for", "Regarding", "Speaking of", "Concerning")
_PLAIN_PLACES = frozenset({"in", "at", "on"})


def upper(text: str) -> str:
    """With a capital first letter."""
    return text[:1].upper() + text[1:]


def spaced(*parts: str) -> str:
    """The parts that are not empty, with single spaces."""
    return " ".join(part for part in parts if part)


def possessive(name: str) -> str:
    """ "Orr's", "Titus'"."""
    return f"{name}'" if name.endswith("s") else f"{name}'s"


@dataclass(frozen=True, slots=True)
class VerbPhrase:
    """A verb phrase round a gap: `verb` (bare), `middle`, `preposition`, gap, `tail`."""

    verb: str
    middle: str
    preposition: str
    tail: str
    past: bool
    plural: bool

    @classmethod
    def make(cls, phrase: str, fact: Fact) -> VerbPhrase:
        """From a fact's own phrase, or from one of the thesaurus with "_" at the gap."""
        before, _, after = phrase.partition(" _")
        words = before.split()
        preposition = ""
        if len(words) > 1 and not after and not fact.tail and words[-1] in PREPOSITIONS | {"of"}:
            preposition = words.pop()
        if words[-2:] in (["the", "age"],):
            cut = words.index("the") - 1
            words, preposition = words[:cut], " ".join([*words[cut:], preposition])
        if len(words) > 1 and f"{words[-1]} {preposition}" in _TWO_WORD:
            preposition = f"{words.pop()} {preposition}"
        tail = after.strip() or ("" if " _" in phrase else fact.tail)
        return cls(words[0], " ".join(words[1:]), preposition, tail, fact.past, fact.plural)

    @property
    def auxiliary(self) -> str:
        return auxiliary(self.verb, past=self.past, plural=self.plural)

    @property
    def bare(self) -> str:
        """What follows the subject in a question."""
        return self.middle if self.verb == "be" else spaced(self.verb, self.middle)

    @property
    def plain(self) -> str:
        """What follows the subject in a statement."""
        return spaced(finite(self.verb, past=self.past, plural=self.plural), self.middle)

    @property
    def is_form(self) -> str:
        return "was" if self.past else "is"


_AWAY = word_set(
    "from off above below north south east west north-west north-east south-west south-east"
)
_TWO_WORD = frozenset({"next to", "close to", "north of", "south of", "east of", "west of", "north-west of",
    "north-east of", "south-west of", "south-east of"})  # fmt: skip


def asks(fact: Fact, phrase: VerbPhrase) -> list[Ask]:
    """The question words that fit the value, best first."""
    preposition = phrase.preposition
    front = upper(preposition)
    if fact.kind == "place" and preposition:
        return _place_asks(fact, preposition)
    if fact.kind in {"year", "date", "time"}:
        dated = {
            "year": ["In which year", "In what year"],
            "date": ["On which date", "On what date"],
        }
        return [("When", ""), *((ask, "") for ask in dated.get(fact.kind, ["At what time"]))]
    if fact.kind in {"count", "measure"}:
        return _amount_asks(fact, phrase)
    if fact.kind == "purpose":
        return [("For what purpose", ""), ("What", "for")]
    if fact.kind == "colour":
        return [("What colour", ""), ("Which colour", "")]
    if fact.kind == "person":
        return (
            [(f"{front} whom", ""), ("Who", preposition)]
            if preposition
            else [("Who", ""), ("Whom", "")]
        )
    if preposition == "after" and fact.kind == "name":
        return [("After whom or what", ""), ("Who or what", "after")]
    named = (
        [(spaced(front, f"which {fact.unit}") if preposition else f"Which {fact.unit}", "")]
        if fact.unit
        else []
    )
    if preposition:
        return [*named, ("What", preposition), (f"{front} what", "")]
    return [*named, ("What", "")]


def _place_asks(fact: Fact, preposition: str) -> list[Ask]:
    noun = fact.unit or "place"
    front = upper(preposition)
    if preposition in _PLAIN_PLACES:
        inside = (
            "At"
            if preposition == "at" and not fact.unit
            else ("On" if preposition == "on" else "In")
        )
        return [("Where", ""), (f"{inside} which {noun}", ""), (f"{inside} what {noun}", "")]
    if preposition in {"from", "to"}:
        return [("Where", preposition), (f"{front} which {noun}", ""), (f"{front} what {noun}", "")]
    if preposition == "between":
        return [("Where", ""), ("Between which places", "")]
    return [
        (f"{front} which {noun}", ""),
        (f"Which {noun}", preposition),
        (f"{front} what {noun}", ""),
    ]


def _amount_asks(fact: Fact, phrase: VerbPhrase) -> list[Ask]:
    if phrase.preposition.endswith("the age of"):
        return [(f"{upper(phrase.preposition.split()[0])} what age", "")]
    if fact.kind == "count":
        how = f"{upper(phrase.preposition)} how many" if phrase.preposition else "How many"
        return [(spaced(how, fact.unit), "")]
    if phrase.tail in DIMENSIONS:
        return [(f"How {phrase.tail if phrase.tail != 'across' else 'wide'}", "")]
    if phrase.tail and phrase.tail.split(" ")[0] in _AWAY:
        return [(f"How far {phrase.tail}", "")]
    if phrase.tail:
        return [("How much", phrase.tail)]
    if phrase.preposition:
        long = (
            phrase.preposition == "for"
            and phrase.verb not in {"sell"}
            and "sold" not in phrase.middle
        )
        priced = [("How long", "")] if long else [("For how much", ""), ("How much", "for")]
        return (
            priced
            if phrase.preposition == "for"
            else [(f"{upper(phrase.preposition)} what price", "")]
        )
    how = {"last": "long", "take": "long", "rise": "high", "stand": "high"}.get(phrase.verb, "much")
    return [(f"How {how}", "")]


def lead(number: int) -> tuple[str, str]:
    """The opening of an indirect question, and its closing mark."""
    return _LEADS[number % len(_LEADS)]


def gap_questions(fact: Fact, phrase: VerbPhrase, number: int) -> Iterator[tuple[str, str]]:
    """(family, question) for a value that the subject's verb governs; `number` varies the choice."""
    found = asks(fact, phrase)
    ask, strand = found[number % len(found)]
    consumed = fact.kind in {"count", "measure"} and ask.endswith(phrase.tail)
    tail = "" if consumed or strand == phrase.tail or ask == "How wide" else phrase.tail
    subject, end = fact.subject, spaced(strand, tail)
    yield "direct", spaced(ask, phrase.auxiliary, subject, phrase.bare, end) + "?"
    opening, close = lead(number)
    yield "indirect", spaced(opening, _low(ask), subject, phrase.plain, end) + close
    if fact.kind not in {"count", "measure"}:
        yield "cleft", spaced(ask, phrase.is_form, "it that", subject, phrase.plain, end) + "?"
    bare = "" if fact.kind in {"count", "measure"} and not strand else phrase.preposition
    yield (
        "echo",
        spaced(
            upper(subject),
            phrase.plain,
            bare,
            _echo(fact, ask, strand),
            phrase.tail if strand == phrase.tail else tail,
        )
        + "?",
    )
    yield "named", _named(fact, phrase, number, end)
    ending = _ENDINGS[number % len(_ENDINGS)]
    yield (
        "ending",
        ending.format(spaced(upper(subject), phrase.plain, phrase.preposition, "...", phrase.tail)),
    )


def _low(ask: str) -> str:
    return ask[0].lower() + ask[1:]


def _echo(fact: Fact, ask: str, strand: str) -> str:
    if fact.kind == "place":
        return f"which {fact.unit or 'place'}"
    fixed = {
        "year": "which year",
        "date": "which date",
        "person": "whom",
        "colour": "which colour",
        "time": "what time",
    }
    if fact.kind in fixed:
        return fixed[fact.kind]
    if fact.kind in {"count", "measure"}:
        return _low(ask)
    _ = strand
    return f"which {fact.unit}" if fact.unit else "what"


def _named(fact: Fact, phrase: VerbPhrase, number: int, end: str) -> str:
    """ "Name the place where S was born." """
    openings = (
        "Name {}.",
        "What is {}?",
        "Give {}.",
        "Say what {} is.",
        "I am looking for {}. Which is it?",
        "Can you name {}?",
    )
    opening = openings[number % len(openings)]
    subject, plain = fact.subject, phrase.plain
    if fact.kind == "place" and phrase.preposition:
        where = "where" if phrase.preposition in _PLAIN_PLACES else f"{phrase.preposition} which"
        return opening.format(spaced(f"the {fact.unit or 'place'} {where}", subject, plain))
    if fact.kind == "year":
        return opening.format(spaced("the year in which", subject, plain))
    if fact.kind == "date":
        return opening.format(spaced("the date on which", subject, plain))
    if fact.kind == "person":
        whom = f"{phrase.preposition} whom" if phrase.preposition else "whom"
        return (
            opening.replace("What", "Who")
            .replace("what", "who")
            .format(spaced(f"the person {whom}", subject, plain))
        )
    if fact.kind == "count" and fact.unit:
        which = f"{phrase.preposition} which" if phrase.preposition else "that"
        return opening.format(
            spaced(f"the number of {fact.unit} {which}", subject, plain, phrase.tail)
        )
    if fact.kind == "name" and fact.unit:
        return opening.format(
            spaced(
                f"the {fact.unit}",
                f"{phrase.preposition} which" if phrase.preposition else "that",
                subject,
                plain,
            )
        )
    asked, strand = asks(fact, phrase)[0]
    tail = phrase.tail if not asked.endswith(phrase.tail) and asked != "How wide" else ""
    _ = end
    return (
        "Say " + spaced(_low(asked), subject, plain, strand, "" if strand == tail else tail) + "."
    )


def agent_questions(fact: Fact, phrase: str, number: int) -> Iterator[tuple[str, str]]:
    """(family, question) for a value that does something to the subject."""
    verb, *more = phrase.split()
    rest = " ".join(more)
    active = spaced(finite(verb, past=fact.past, plural=False), rest, fact.subject)
    was = finite("be", past=fact.past, plural=fact.plural)
    yield "direct", f"Who {active}?"
    opening, close = lead(number)
    yield "indirect", f"{opening} who {active}{close}"
    yield "cleft", f"Who {'was' if fact.past else 'is'} it that {active}?"
    if fact.kind == "person":
        openings = (
            "Name the person who {}.",
            "Who is the person that {}?",
            "What is the name of the person who {}?",
            "Which person {}?",
        )
        yield "named", openings[number % len(openings)].format(active)
    else:
        yield "named", f"Say who or what {active}."
    if len(more) < 2:
        participle = passive(verb, rest)
        yield "passive", f"By whom {was} {fact.subject} {participle}?"
        yield "echo", f"{upper(fact.subject)} {was} {participle} by whom?"
        yield "stranded", f"Who {was} {fact.subject} {participle} by?"
        yield (
            "ending",
            _ENDINGS[number % len(_ENDINGS)].format(
                f"{upper(fact.subject)} {was} {participle} by ..."
            ),
        )


def passive(verb: str, rest: str) -> str:
    """The participle with its particle."""
    return spaced("founded" if verb == "found" else shape(verb, "participle"), rest)


def noun_questions(fact: Fact, noun: str, number: int) -> Iterator[tuple[str, str]]:
    """(family, question) for a value that is the subject's `noun`."""
    subject = fact.subject
    was = finite("be", past=fact.past and number % 2 == 1, plural=noun_is_plural(noun))
    what = "Who" if fact.kind == "person" else "What"
    if fact.kind == "quality":
        yield from _quality_questions(fact, noun, number, was)
        return
    if fact.kind == "colour" and noun.split()[-1] not in {"colour", "color", "hue"} | COLOURS:
        yield from _colour_questions(fact, noun, number, was)
        return
    opening, close = lead(number)
    of = f"the {noun} of {subject}"
    yield "noun", f"{what} {was} {of}?"
    yield (
        "noun-command",
        ("Name {}.", "Give {}.", "Tell me {}.", "State {}.")[number % 4].format(of),
    )
    yield "noun-indirect", f"{opening} {what.lower()} {of} {was}{close}"
    if " of " not in subject:
        yield "noun-possessive", f"{what} {was} {possessive(subject)} {noun}?"
    yield (
        "noun-known",
        ("Do you know {}?", "Can you name {}?", "I would like to know {}.", "Could you give {}?")[
            number % 4
        ].format(of if " of " in subject else f"{possessive(subject)} {noun}"),
    )
    about = ABOUT[number % len(ABOUT)]
    yield "noun-topic", f"{about} {subject}, {what.lower()} {was} the {noun}?"
    yield "noun-echo", f"{upper(of)} {was} {'who' if fact.kind == 'person' else 'what'}?"
    yield "noun-ending", _ENDINGS[number % len(_ENDINGS)].format(f"{upper(of)} {was} ...")


def noun_is_plural(noun: str) -> bool:
    """By its ending; "headquarters" goes with "is" or "are"."""
    last = noun.split()[-1] if " of " not in noun else noun.split(" of ")[0].split()[-1]
    return (
        last.endswith("s")
        and not last.endswith(("ss", "us", "is"))
        and last not in {"headquarters", "business"}
    )


def _quality_questions(fact: Fact, noun: str, number: int, was: str) -> Iterator[tuple[str, str]]:
    opening, close = lead(number)
    of = f"the {noun} of {fact.subject}"
    yield "noun", f"What {was} {of} like?"
    yield "noun-indirect", f"{opening} what {of} {was} like{close}"
    yield "noun-described", f"How {was} {of} described?"
    yield "noun-possessive", f"What {was} {possessive(fact.subject)} {noun} like?"
    yield "noun-command", f"Describe {of} in a word."
    yield "noun-word", f"Which word describes {of}?"
    yield "noun-known", f"In a word, how would you describe {possessive(fact.subject)} {noun}?"
    yield "noun-ending", _ENDINGS[number % len(_ENDINGS)].format(f"{upper(of)} {was} ...")


def _colour_questions(fact: Fact, noun: str, number: int, was: str) -> Iterator[tuple[str, str]]:
    opening, close = lead(number)
    of = f"the {noun} of {fact.subject}"
    yield "noun", f"What colour {was} {of}?"
    yield "noun-indirect", f"{opening} what colour {of} {was}{close}"
    yield "noun-possessive", f"What colour {was} {possessive(fact.subject)} {noun}?"
    yield "noun-command", f"Name the colour of {of}."
    yield "noun-known", f"Which colour does {of} have?"
    yield "noun-word", f"What is the colour of {of}?"
    yield "noun-echo", f"{upper(of)} {was} which colour?"
    yield "noun-ending", _ENDINGS[number % len(_ENDINGS)].format(f"{upper(of)} {was} ...")


def class_questions(fact: Fact, number: int) -> Iterator[tuple[str, str]]:
    """(family, question) for what the subject is."""
    subject = fact.subject
    was = finite("be", past=fact.past, plural=fact.plural)
    opening, close = lead(number)
    yield "direct", f"What {was} {subject}?"
    yield "indirect", f"{opening} what {subject} {was}{close}"
    yield "described", f"How would you describe {subject} in a few words?"
    yield "echo", f"{upper(subject)} {was} what?"
    yield "ending", _ENDINGS[number % len(_ENDINGS)].format(f"{upper(subject)} {was} ...")
    yield "known", f"What should one know about {subject} first?"
    yield "brief", f"In a few words, what {was} {subject}?"
    yield "named", f"Say in a few words what {subject} {was}."
    if not fact.person:
        yield "kind", f"What kind of thing {was} {subject}?"
