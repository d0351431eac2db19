"""Documents and the passages cut from them."""

from __future__ import annotations

from dataclasses import dataclass

from closedbook.records.identity import content_id


@dataclass(frozen=True, slots=True)
class Document:
    """One clean text a student shall learn. `source` is its path below the documents folder,
    with `#n` for the n-th record of a file that holds several. Of a document that was split,
    `part_of` is the title of the whole. `domain` is its field ("" if nothing says)."""

    id: str
    title: str
    text: str
    source: str
    part_of: str = ""
    domain: str = ""

    @classmethod
    def make(
        cls, *, title: str, text: str, source: str, part_of: str = "", domain: str = ""
    ) -> Document:
        return cls(content_id("document", title, text), title, text, source, part_of, domain)


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of a document: `text` is characters `start` to `end` (exclusive) of it. `part_of`
    is the document's."""

    id: str
    document_id: str
    title: str
    text: str
    start: int
    end: int
    part_of: str = ""

    @classmethod
    def make(cls, document: Document, start: int, end: int) -> Passage:
        return cls(
            content_id("passage", document.id, start, end),
            document.id,
            document.title,
            document.text[start:end],
            start,
            end,
            document.part_of,
        )

    def is_of(self, title: str) -> bool:
        """Whether it is of the document of this title, or of a part of it."""
        return title in (self.title, self.part_of)
