"""One thing a text says about a subject, in a form that can be worded in many ways.

A fact holds a piece of English grammar (which verb or noun, which preposition, where the value
stood), not a slot of any inventory; what it is about is in the words themselves.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "person",
    "place",
    "year",
    "date",
    "time",
    "count",
    "measure",
    "name",
    "colour",
    "quality",
    "purpose",
    "thing",
]
"""What the value is, which decides the question word."""

Form = Literal["gap", "agent", "noun", "class"]
"""gap: the subject does something to, at or with the value ("be born in", "invent");
agent: the value does it to the subject ("found": the value founded the subject);
noun: the value is the subject's something ("capital"); class: the value says what it is."""


@dataclass(frozen=True, slots=True)
class Fact:
    """`phrase` is the verb phrase with a bare verb and its preposition, or the relation noun;
    `tail` is what followed the value ("wide" in "is 3 miles wide"); `unit` is what is
    counted, or the common noun that stood with a name ("town" in "the town of Orr");
    `person` whether the subject is one; `context` is the title a question must name because
    the subject alone does not."""

    subject: str
    form: Form
    phrase: str
    value: str
    kind: Kind
    evidence: str
    past: bool = False
    plural: bool = False
    tail: str = ""
    unit: str = ""
    person: bool = False
    context: str = ""

    @property
    def was(self) -> str:
        """ "is" or "was", after the tense of the verb."""
        return "was" if self.past else "is"

    @property
    def relation(self) -> str:
        """A readable key: equal for facts that say the same of different subjects."""
        return f"{self.form}: {self.phrase}{' … ' + self.tail if self.tail else ''} ({self.kind})"
