"""Passages of documents, and finding those that answer a question."""

from closedbook.retrieval.lexical import LexicalIndex
from closedbook.retrieval.splitting import passages

__all__ = ["LexicalIndex", "passages"]
