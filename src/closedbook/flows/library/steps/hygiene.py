"""Thinking that is kept must stand alone: no talk of a text its reader does not see, and an answer
that it bears out.

Rules over words, made for English: they find what is said plainly. What they find is rewritten by
an ask of the flow; here nothing is deleted from a text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from closedbook.errors import StepError
from closedbook.flows.library.steps.words import names, numbers, telling
from closedbook.flows.plugins import step

_NOUN = (
    r"(?:document|passage|text|article|excerpt|reference|context|paragraph|extract|snippet"
    r"|source (?:text|material))s?"
)
_GIVEN = r"(?:given|provided|supplied|above|following|original|source|accompanying|attached)"
_THE = r"(?:the|this|that|these|those|your|our)"
_SAYS = (
    r"(?:says?|said|states?|stated|mentions?|mentioned|tells?|told|describes?|described|notes?|noted"
    r"|explains?|explained|indicates?|indicated|reads|does(?:n't| not)|gives|shows|provides)"
)
_LOOK = (
    r"(?:according to|based on"
    r"|(?:stated|mentioned|described|given|noted|said|written|found|shown) in"
    r"|(?:look(?:ing)?|back) (?:at|to)|check(?:ing)?|(?:re-?)?read(?:ing)?|refer(?:ring)? to)"
)
_POINTING = re.compile(
    rf"\b{_LOOK}\s+{_THE}\s+(?:{_GIVEN}\s+)?{_NOUN}\b"
    rf"|\b{_THE} (?:{_GIVEN} )?{_NOUN}(?: (?:above|below|provided|given))? {_SAYS}\b"
    rf"|\b{_THE} {_GIVEN} {_NOUN}\b"
    rf"|\b{_THE} {_NOUN} (?:above|below|provided|given)\b"
    rf"|\b{_THE} (?:{_GIVEN} )?sources? {_SAYS}\b"
    rf"|\b{_THE} (?:given|provided|supplied) (?:information|details|material|content|facts)\b"
    rf"|\b(?:gave|given|provided|shown|shared)(?: me| us)?(?: with)? (?:a|an|the) {_NOUN}\b",
    re.IGNORECASE,
)
_BARE = re.compile(
    rf"\b{_THE} {_NOUN}\b(?! (?:of|between|for|in which)\b)"
    r"|\bin (?:paragraph|section|line) (?:\d+|one|two|three|four)\b",
    re.IGNORECASE,
)
_CONCLUSION = re.compile(
    r"\b(?:(?:the|my) (?:final |correct |right )?(?:answer|conclusion)(?: (?:is|must be|should be))"
    r"(?: that)?|(?:final )?answer(?=:)):?\s*(.+?)(?:[.!?](?=\s|$)|\n|$)",
    re.IGNORECASE,
)
_LAST = re.compile(
    r"(?:^|[.!?\n])\s*(?:so|thus|therefore|hence|in conclusion|in short),?\s+([^.!?\n]+)[.!?]?\s*$",
    re.IGNORECASE,
)
"""A last sentence that draws the conclusion in so many words."""
_POLARITY = re.compile(r"\W*(yes|no)\b", re.IGNORECASE)
_BORNE_OUT = 0.5
"""Share of the answer's telling words that its thinking must hold."""


@step("find_leaks")
def find_leaks(row: Mapping[str, str]) -> dict[str, str]:
    """Columns `draft_reasoning`, `draft_answer`, `question`, `document` -> `leaks`, the phrases
    that point at an unseen text, each in quotation marks ("" if none). Raises StepError as
    `clean_trace` does for what no rewriting mends."""
    thinking, answer = row["draft_reasoning"], row["draft_answer"]
    _check(thinking, answer, row["question"])
    found = dict.fromkeys(_leaks(f"{thinking}\n{answer}", row["document"]))
    return {"leaks": ", ".join(f'"{phrase}"' for phrase in found)}


@step("clean_trace")
def clean_trace(row: Mapping[str, str]) -> dict[str, str]:
    """The columns of `find_leaks`, `clean_thinking` and `clean_answer` ("" where nothing was
    rewritten) -> `reasoning`, `answer`.

    Raises StepError where thinking is missing, lacks the answer or concludes otherwise, where a
    leak is left, or where the rewriting changed the answer.
    """
    thinking = row["clean_thinking"] or row["draft_reasoning"]
    answer = row["clean_answer"] or row["draft_answer"]
    if left := list(_leaks(f"{thinking}\n{answer}", row["document"])):
        raise StepError("speaks of a text its reader does not see", hint=", ".join(left))
    if numbers(answer) != numbers(row["draft_answer"]):
        raise StepError("the rewriting changed the answer", hint=row["draft_answer"])
    _check(thinking, answer, row["question"])
    return {"reasoning": thinking, "answer": answer}


def _leaks(text: str, document: str) -> Iterator[str]:
    """Phrases that point at a text; where the document itself speaks of "the text", only those that
    plainly mean the document."""
    yield from (" ".join(found[0].split()) for found in _POINTING.finditer(text))
    rest = _POINTING.sub(" ", text)
    told = document.lower()
    yield from (found[0] for found in _BARE.finditer(rest) if found[0].lower() not in told)


def _check(thinking: str, answer: str, question: str) -> None:
    """Raises StepError if the thinking does not bear the answer out."""
    if not thinking.strip():
        raise StepError("no thinking came with the answer")
    asked = telling(question)
    wanted = (names(answer) or telling(answer)) - asked
    held = wanted & telling(thinking)
    if numbers(answer) - numbers(thinking) or len(held) < _BORNE_OUT * len(wanted):
        raise StepError("the thinking does not hold the answer")
    conclusions = _CONCLUSION.findall(thinking) or _LAST.findall(thinking)
    if conclusions and _contradicts(conclusions[-1], answer, asked):
        raise StepError("the thinking concludes otherwise", hint=conclusions[-1])


def _contradicts(conclusion: str, answer: str, asked: set[str]) -> bool:
    """Whether yes stands against no, names against other names, or numbers against other ones."""
    polarity = [_POLARITY.match(text) for text in (conclusion, answer)]
    if polarity[0] and polarity[1]:
        return polarity[0][1].lower() != polarity[1][1].lower()
    for kind in (names, numbers):
        concluded, said = kind(conclusion) - asked, kind(answer) - asked
        if concluded and said and not concluded & said:
            return True
    return False
