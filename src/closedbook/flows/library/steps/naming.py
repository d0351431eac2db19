"""How a question names its source, checked after it was written."""

from __future__ import annotations

from collections.abc import Mapping

from closedbook.errors import StepError
from closedbook.flows.library.steps.words import telling, words
from closedbook.flows.plugins import step

ENOUGH = 0.6
"""Share of a title's words that names it: people leave out subtitles and authors."""


@step("names_source")
def names_source(row: Mapping[str, str]) -> dict[str, str]:
    """Columns `question`, `scope`, `organisation`, `title` -> `named_by`, the scope that holds.

    Raises StepError for a question that does not name what its scope wants, and for a scope that is
    none of title, organisation, none.
    """
    scope, question = row["scope"], row["question"]
    match scope:
        case "title":
            if not names_title(question, row["title"]):
                raise StepError("the question does not name its document", hint=row["title"])
        case "organisation":
            if not row["organisation"].strip():
                raise StepError("no organisation is given", hint="set generate.organisation")
            if not set(words(row["organisation"])) <= set(words(question)):
                problem = "the question does not name its organisation"
                raise StepError(problem, hint=row["organisation"])
        case "none":
            pass
        case _:
            hint = "one of: title, organisation, none"
            raise StepError(f"no scope {scope!r}", hint=hint)
    return {"named_by": scope}


def names_title(question: str, title: str) -> bool:
    """Whether a question holds enough of the words of a title."""
    wanted = telling(title) or set(words(title))
    return len(wanted & set(words(question))) >= ENOUGH * len(wanted)
