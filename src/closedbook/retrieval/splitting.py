"""Cutting documents into passages: where their structure allows it, or blindly.

Invariant: passages lie in order, do not overlap, and only white space is left between them.
"""

from __future__ import annotations

from typing import Any

from semantic_text_splitter import MarkdownSplitter

from closedbook.records import Document, Passage


def passages(document: Document, characters: int) -> list[Passage]:
    """The passages of a document, each of at most `characters`: whole sections where they fit,
    else paragraphs, sentences, words."""
    return _cut(document, MarkdownSplitter(characters))


def passages_by_tokens(document: Document, tokens: int, tokenizer: Any) -> list[Passage]:
    """As `passages`, with sizes in the tokens of a `tokenizers.Tokenizer`."""
    return _cut(document, MarkdownSplitter.from_huggingface_tokenizer(tokenizer, tokens))


def blind_passages(document: Document, characters: int) -> list[Passage]:
    """Every so many characters, wherever that is, as the literature's RAG does; passages of white
    space alone are left out."""
    text = document.text
    starts = range(0, len(text), characters)
    return [
        Passage.make(document, start, min(start + characters, len(text)))
        for start in starts
        if text[start : start + characters].strip()
    ]


def _cut(document: Document, splitter: MarkdownSplitter) -> list[Passage]:
    pieces = splitter.chunk_indices(document.text)
    return [Passage.make(document, start, start + len(text)) for start, text in pieces]
