"""Cutting documents into passages where their structure allows it.

Invariant: passages lie in order, do not overlap, and only white space is left between them.
"""

from __future__ import annotations

from semantic_text_splitter import MarkdownSplitter

from closedbook.records import Document, Passage


def passages(document: Document, characters: int) -> list[Passage]:
    """The passages of a document, each of at most `characters`: whole sections where they fit,
    else paragraphs, sentences, words."""
    pieces = MarkdownSplitter(characters).chunk_indices(document.text)
    return [Passage.make(document, start, start + len(text)) for start, text in pieces]
