"""Answers in which the teacher refuses, or says that the document does not tell."""

from __future__ import annotations

import re

from closedbook.records import QAPair

_REFUSES = re.compile(
    r"^\W*(?:i (?:do not|don['’]t) (?:know|have)\b|i (?:cannot|can['’]t|am unable|am not able)\b"
    r"|(?:i['’]m|i am) (?:sorry|unable|not able)\b|sorry\b|unfortunately\b|as an ai\b"
    r"|n/?a\W*$|unknown\W*$|\[?none\]?\W*$)",
    re.IGNORECASE,
)
_UNTOLD = re.compile(
    r"\b(?:(?:is|are|was|were) not|isn['’]t|aren['’]t|(?:does|do|did) not|doesn['’]t|don['’]t"
    r"|no information|cannot be|can['’]t be|never)\s+(?:(?:explicitly|directly|clearly) )?"
    r"(?:mention|state|specif|provid|determin|answered from|given in the|found in the)",
    re.IGNORECASE,
)
_SHORT = 160
"""A longer answer may say in passing that something is not told."""


def refusal(pair: QAPair) -> str:
    """English only."""
    answer = pair.answer.strip()
    if _REFUSES.search(answer):
        return "the teacher refused"
    if len(answer) <= _SHORT and _UNTOLD.search(answer):
        return "the answer says that it is not told"
    return ""
