"""What a result does not show: sentences that belong beside it.

Knows kinds of teachers and students, no figures.
"""

from __future__ import annotations

_TEACHER = "the teacher is a program of rules, not a language model"
_STUDENT = "the student is a transformer of less than a million parameters"

ONE_RUN = (
    "Each arm was trained once. The intervals say how much the scores would move with other "
    "documents and questions of the same kind, not how much they would move with another seed of "
    "the training."
)
MULTIPLE_CHOICE = (
    "The exam is multiple choice: knowing which of a few options is right is easier than saying "
    "it unasked. The free answers beside each choice show the difference."
)
DEMONSTRATION = (
    "In the built-in demonstration, new facts are put into the weights of a tiny model that "
    "already knows this language, in a made-up world whose author also wrote the stand-in teacher. "
    "It says nothing about real prose or large models. And since every question holds a unique "
    "name, retrieval is trivial: compare base with RAG to the customised student without it."
)
PLUMBING = (
    "That its questions could be asked, answered and counted shows that the plumbing works; it "
    "does not show that anything was learned."
)


def banner(teacher: str, student: str) -> str:
    """What stands above a report made with stand-ins, by kind ("rehearsal" is one); "" without."""
    parts = [_TEACHER] * (teacher == "rehearsal") + [_STUDENT] * (student == "rehearsal")
    return f"Demonstration with stand-ins: {', and '.join(parts)}." if parts else ""


def limits(student: str, *, unreviewed: str) -> tuple[str, ...]:
    """The paragraphs of "What this does not show" for a kind of student; `unreviewed` is why there
    is no accuracy, "" if there is one."""
    if unreviewed:
        return (f"{unreviewed} {PLUMBING}",)
    demonstration = (DEMONSTRATION,) if student == "rehearsal" else ()
    return (*demonstration, ONE_RUN, MULTIPLE_CHOICE)
