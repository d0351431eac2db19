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
OPTIONS = (
    "Where a question has options, knowing which of a few is right is easier than saying it "
    "unasked. The free answers beside a choice, where there are any, show the difference."
)
TINY = (
    "New facts are put into the weights of a tiny model that knows the language of the built-in "
    "demonstration. It says nothing about real prose or large models."
)
WORLD = (
    "If the documents are a world made up by closedbook, every question holds a unique name, so "
    "that retrieval is trivial: compare base with RAG to the customised student without it."
)
SAME_AUTHOR = " And who made that world up also wrote the stand-in teacher."
PLUMBING = (
    "That its questions could be asked, answered and counted shows that the plumbing works; it "
    "does not show that anything was learned."
)


def banner(teacher: str, student: str) -> str:
    """What stands above a report made with stand-ins, by kind ("rehearsal" is one); "" without."""
    parts = [_TEACHER] * (teacher == "rehearsal") + [_STUDENT] * (student == "rehearsal")
    return f"Demonstration with stand-ins: {', and '.join(parts)}." if parts else ""


def limits(teacher: str, student: str, *, unreviewed: str, options: bool) -> tuple[str, ...]:
    """The paragraphs of "What this does not show" for kinds of teacher and student; `unreviewed` is
    why there is no accuracy, "" if there is one; `options` says that some question has them."""
    if unreviewed:
        return (f"{unreviewed} {PLUMBING}",)
    world = WORLD + SAME_AUTHOR * (teacher == "rehearsal")
    demonstration = (TINY, world) if student == "rehearsal" else ()
    return (*demonstration, ONE_RUN, *([OPTIONS] if options else []))
