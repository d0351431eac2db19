"""Which example a document's prompts show.

A choice depends on the document, the examples and the seed alone: one more document, or one more
example, changes few of the others.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from closedbook.icl.example import Example
from closedbook.records import Document


@dataclass(frozen=True, slots=True)
class Choosing:
    """Gives every document the columns of one example, or none."""

    examples: Sequence[Example]
    by_domain: bool = True
    seed: int = 0

    def columns(self, document: Document) -> dict[str, str]:
        """Empty where no example suits. By domain: one of the document's own; else one that names
        none; else any. Never one that was taken from the document itself."""
        others = [e for e in self.examples if not _is_from(e, document)]
        fitting = self._fitting(others, document) if self.by_domain else others
        if not fitting:
            return {}
        return max(fitting, key=lambda example: self._rank(document, example)).columns

    def _fitting(self, examples: Sequence[Example], document: Document) -> Sequence[Example]:
        own, general = (
            [e for e in examples if e.domain.strip().casefold() == domain]
            for domain in (document.domain.casefold(), "")
        )
        return (document.domain and own) or general or examples

    def _rank(self, document: Document, example: Example) -> bytes:
        """Rendezvous hashing: an example that comes or goes moves only its own documents."""
        text = f"{self.seed}\n{document.id}\n{example.document}"
        return hashlib.blake2b(text.encode(), digest_size=8).digest()


def _is_from(example: Example, document: Document) -> bool:
    """Parts of one file are one document here."""
    return bool(example.source) and _whole(example.source) == _whole(document.source)


def _whole(source: str) -> str:
    return source.partition("#part-")[0]
