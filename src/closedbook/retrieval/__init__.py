"""Passages of documents, and finding those that answer a question.

`lexical` needs nothing; `hybrid` (LanceDB) and local embeddings need the extra `rag`.
"""

from closedbook.retrieval.lexical import LexicalIndex
from closedbook.retrieval.splitting import blind_passages, passages, passages_by_tokens

__all__ = ["LexicalIndex", "blind_passages", "passages", "passages_by_tokens"]
