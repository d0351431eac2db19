"""Exam questions before they are answered: the order of options, and answers compared."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from closedbook.errors import StepError
from closedbook.flows.library.steps.words import numbers, quoted_in, telling, words
from closedbook.flows.plugins import step

LETTERS = "ABCD"
WRONG = ("wrong_1", "wrong_2", "wrong_3")
_SLACK = 6
"""Characters by which options may always differ."""


@step("lay_out_options")
def lay_out_options(row: Mapping[str, str]) -> dict[str, str]:
    """Columns `question`, `correct`, `wrong_1..3`, `evidence`, `document` -> `options`, lines
    "A) ..." in an order that follows from a hash, and `letter` of the right one.

    Raises StepError if two options are the same, if one is more than twice as long as another, and
    if the evidence is not in the document.
    """
    right, wrong = row["correct"], [row[name] for name in WRONG]
    options = [right, *wrong]
    if len(set(map(words, options))) < len(options):
        raise StepError("two options are the same")
    *_, longest = lengths = sorted(map(len, options))
    if longest > 2 * lengths[0] + _SLACK:
        raise StepError("the options are not of similar length", hint=" | ".join(options))
    if not quoted_in(row["evidence"], row["document"]):
        raise StepError("the evidence is not in the document", hint=row["evidence"])
    laid_out = sorted(options, key=lambda option: _chance(row["question"], option))
    lines = [f"{letter}) {text}" for letter, text in zip(LETTERS, laid_out, strict=True)]
    return {"options": "\n".join(lines), "letter": LETTERS[laid_out.index(right)]}


@step("compare_short_answers")
def compare_short_answers(row: Mapping[str, str]) -> dict[str, str]:
    """Columns `answer`, `open_book`, `closed_book`, `evidence`, `document` -> `open_right` and
    `closed_right`, YES or NO. Raises StepError if the evidence is not in the document."""
    if not quoted_in(row["evidence"], row["document"]):
        raise StepError("the evidence is not in the document", hint=row["evidence"])
    given = {"open_right": row["open_book"], "closed_right": row["closed_book"]}
    return {
        name: "YES" if same_answer(row["answer"], text) else "NO" for name, text in given.items()
    }


def same_answer(right: str, given: str) -> bool:
    """Whether two short answers say the same: equal numbers, and the words of one within the
    other's."""
    ours, theirs = (telling(text) or set(words(text)) for text in (right, given))
    if theirs == {"unknown"} or not ours or not theirs:
        return False
    return numbers(right) == numbers(given) and (ours <= theirs or theirs <= ours)


def _chance(question: str, option: str) -> bytes:
    return hashlib.blake2b(f"options\n{question}\n{option}".encode()).digest()
