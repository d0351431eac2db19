"""Talk of a text that its reader will not see: such a pair cannot be learned closed book."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from closedbook.records import Document, QAPair

_TEXT = r"(?:passage|text|document|excerpt|context(?! of)|article|snippet|paragraph)"
_UNSEEN = re.compile(
    rf"\b(?:the|this|above|given|provided) (?:above |following |given |provided )?{_TEXT}"
    r"(?: above| below| provided| given)?\b"
    rf"|\b(?:according to|based on) (?:the|this) (?:given |provided )?(?:{_TEXT}|reference)\b"
    r"|\b(?:as|was) (?:mentioned|stated|described) (?:above|earlier|previously)\b",
    re.IGNORECASE,
)


def leak(documents: Mapping[str, Document]) -> Callable[[QAPair], str]:
    """English only. A document that itself speaks so may be asked about in its words."""
    said: dict[str, set[str]] = {}

    def leaks(pair: QAPair) -> str:
        found = {match.lower() for match in _UNSEEN.findall(f"{pair.question}\n{pair.answer}")}
        if not found:
            return ""
        document = documents.get(pair.document_id)
        if document is not None and document.id not in said:
            said[document.id] = {match.lower() for match in _UNSEEN.findall(document.text)}
        own = said.get(pair.document_id, set())
        return "" if found <= own else "refers to an unseen text"

    return leaks
