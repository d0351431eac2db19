"""Sentence frames: questions about a subject in many constructions.

Knows word order (inversion, indirect questions, clefts, relative clauses, sentences to finish).
Each function yields (family, question); the family names the construction, so that `wording`
can spread over them. `number` varies the choice within a family.
"""

from __future__ import annotations

from collections.abc import Iterator

from closedbook.models.rehearsal.asks import VerbPhrase, asking, lower, spaced, upper
from closedbook.models.rehearsal.fact import Fact
from closedbook.models.rehearsal.verbs import finite, shape

Framed = tuple[str, str]

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
_NOUNS = (
    "Name {}.",
    "What is {}?",
    "Give {}.",
    "Say what {} is.",
    "I am looking for {}. Which is it?",
    "Can you name {}?",
)
_PEOPLE = (
    "Name the person who {}.",
    "Who is the person that {}?",
    "What is the name of the person who {}?",
    "Which person {}?",
)
_COMMANDS = ("Name {}.", "Give {}.", "Tell me {}.", "State {}.")
_WISHES = ("Do you know {}?", "Can you name {}?", "I would like to know {}.", "Could you give {}?")
ABOUT = ("In the case of", "As for", "Regarding", "Speaking of", "Concerning")


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
    return _LEADS[number % len(_LEADS)]


def _ending(number: int, told: str) -> str:
    return _ENDINGS[number % len(_ENDINGS)].format(told)


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
        noun = _NOUNS[number % len(_NOUNS)].format(spaced(asked.relative, subject, plain))
        yield "named", noun.replace("hat is the person", "ho is the person")
    else:
        first, left = asked.fronts[0]
        yield "named", spaced("Say", lower(first), subject, plain, left) + "."
    told = spaced(upper(subject), plain, phrase.preposition, "...", phrase.tail)
    yield "ending", _ending(number, told)


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
        yield "named", _PEOPLE[number % len(_PEOPLE)].format(active)
    else:
        yield "named", f"Say who or what {active}."
    if len(more) < 2:
        was, participle = finite("be", past=fact.past, plural=fact.plural), passive(verb, rest)
        yield "passive", f"By {whom} {was} {fact.subject} {participle}?"
        yield "echo", f"{upper(fact.subject)} {was} {participle} by {whom}?"
        yield "stranded", f"{who} {was} {fact.subject} {participle} by?"
        yield "ending", _ending(number, f"{upper(fact.subject)} {was} {participle} by ...")


def _many(fact: Fact, plain: str, number: int) -> Iterator[Framed]:
    """ "How many people work for Orr?" """
    many, active = f"How many {fact.unit}", spaced(plain, fact.subject)
    opening, close = _lead(number)
    noun = f"the number of {fact.unit} that {active}"
    yield "direct", f"{many} {active}?"
    yield "indirect", f"{opening} {lower(many)} {active}{close}"
    yield "named", _NOUNS[number % len(_NOUNS)].format(noun)
    yield "said", f"Say {lower(many)} {active}."
    yield "about", f"{ABOUT[number % len(ABOUT)]} {fact.subject}: how many {fact.unit} {plain} it?"
    yield "there", f"How many {fact.unit} are there that {active}?"


def noun_questions(fact: Fact, noun: str, number: int) -> Iterator[Framed]:
    """Where the value is the subject's `noun`."""
    was = finite("be", past=fact.past and number % 2 == 1, plural=noun_is_plural(noun))
    of = f"the {noun} of {fact.subject}"
    if fact.kind == "quality":
        yield from _described(of, was, number)
    elif fact.kind == "colour" and noun.rsplit(maxsplit=1)[-1] not in {"colour", "color", "hue"}:
        yield from _coloured(of, was, number)
    else:
        yield from _owned(fact, noun, was, number)
    yield "noun-ending", _ending(number, f"{upper(of)} {was} ...")


def _owned(fact: Fact, noun: str, was: str, number: int) -> Iterator[Framed]:
    subject, of = fact.subject, f"the {noun} of {fact.subject}"
    what = "Who" if fact.kind == "person" else "What"
    opening, close = _lead(number)
    yield "noun", f"{what} {was} {of}?"
    yield "noun-command", _COMMANDS[number % len(_COMMANDS)].format(of)
    yield "noun-indirect", f"{opening} {what.lower()} {of} {was}{close}"
    short = " of " not in subject
    if short:
        yield "noun-possessive", f"{what} {was} {possessive(subject)} {noun}?"
    wished = f"{possessive(subject)} {noun}" if short else of
    yield "noun-known", _WISHES[number % len(_WISHES)].format(wished)
    about = ABOUT[number % len(ABOUT)]
    yield "noun-topic", f"{about} {subject}, {what.lower()} {was} the {noun}?"
    yield "noun-echo", f"{upper(of)} {was} {what.lower()}?"


def _described(of: str, was: str, number: int) -> Iterator[Framed]:
    opening, close = _lead(number)
    yield "noun", f"What {was} {of} like?"
    yield "noun-indirect", f"{opening} what {of} {was} like{close}"
    yield "noun-described", f"How {was} {of} described?"
    yield "noun-command", f"Describe {of} in a word."
    yield "noun-word", f"Which word describes {of}?"
    yield "noun-known", f"In a word, how would you describe {of}?"
    yield "noun-echo", f"{upper(of)} {was} how?"


def _coloured(of: str, was: str, number: int) -> Iterator[Framed]:
    opening, close = _lead(number)
    yield "noun", f"What colour {was} {of}?"
    yield "noun-indirect", f"{opening} what colour {of} {was}{close}"
    yield "noun-command", f"Name the colour of {of}."
    yield "noun-known", f"Which colour {'do' if was in {'are', 'were'} else 'does'} {of} have?"
    yield "noun-word", f"What is the colour of {of}?"
    yield "noun-echo", f"{upper(of)} {was} which colour?"
    yield "noun-said", f"Say what colour {of} {was}."


def class_questions(fact: Fact, number: int) -> Iterator[Framed]:
    """Where the value says what the subject is."""
    subject = fact.subject
    was = finite("be", past=fact.past, plural=fact.plural)
    opening, close = _lead(number)
    yield "direct", f"What {was} {subject}?"
    yield "indirect", f"{opening} what {subject} {was}{close}"
    yield "described", f"How would you describe {subject} in a few words?"
    yield "echo", f"{upper(subject)} {was} what?"
    yield "known", f"What should one know about {subject} first?"
    yield "brief", f"In a few words, what {was} {subject}?"
    yield "named", f"Say in a few words what {subject} {was}."
    if not fact.person:
        yield "kind", f"What kind of thing {was} {subject}?"
    yield "ending", _ending(number, f"{upper(subject)} {was} ...")
