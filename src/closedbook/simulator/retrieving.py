"""What a simulator answers where texts are embedded or ranked: by the words they share.

Speaks OpenAI's embeddings, Cohere's rerank (v1, v2 and plain) and the dialect of Text Embeddings
Inference, each as its server does. Knows words only; it is a stand-in, not a model.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Sequence
from typing import Any, TypeGuard

from closedbook.simulator.asked import BadRequest, whole
from closedbook.simulator.tokens import count_tokens

WIDTH = 64
"""Numbers of an embedding, unless a request wants fewer."""
WIDEST = 16_384
MOST_TEXTS = 2048


def embeddings(body: dict[str, Any]) -> dict[str, Any]:
    """The reply to POST /embeddings. Raises BadRequest."""
    given = body.get("input")
    texts = [given] if isinstance(given, str) else given
    if not isinstance(body.get("model"), str) or not _are_texts(texts):
        raise BadRequest("model and input (a text, or a list of texts) are required")
    width = whole("dimensions", body.get("dimensions", WIDTH), 1, WIDEST)
    data = [
        {"object": "embedding", "index": place, "embedding": _vector(text, width)}
        for place, text in enumerate(texts)
    ]
    tokens = sum(map(count_tokens, texts))
    usage = {"prompt_tokens": tokens, "total_tokens": tokens}
    return {"object": "list", "data": data, "model": body["model"], "usage": usage}


def ranking(body: dict[str, Any]) -> dict[str, Any] | list[dict[str, Any]]:
    """The reply to POST /rerank: TEI's, where the texts are called so. Raises BadRequest."""
    tei = "texts" in body
    query, texts = body.get("query"), body.get("texts" if tei else "documents")
    if not isinstance(query, str) or not _are_texts(texts):
        raise BadRequest("query and documents (a list of texts) are required")
    if not tei and not isinstance(body.get("model"), str):
        raise BadRequest("model: a text is required")
    scores = {place: _alike(query, text) for place, text in enumerate(texts)}
    order = sorted(scores, key=lambda place: (-scores[place], place))
    if tei:
        return [{"index": place, "score": scores[place]} for place in order]
    wanted = order[: whole("top_n", body.get("top_n", len(order)), 1)]
    results = [{"index": place, "relevance_score": scores[place]} for place in wanted]
    return {"id": "rerank-simulated", "results": results}


def _are_texts(texts: Any) -> TypeGuard[list[str]]:
    return (
        isinstance(texts, list)
        and 0 < len(texts) <= MOST_TEXTS
        and all(isinstance(text, str) for text in texts)
    )


def _vector(text: str, width: int) -> Sequence[float]:
    """Every word adds to one number, which its hash names."""
    vector = [0.0] * width
    for word in _words(text):
        vector[int.from_bytes(hashlib.blake2b(word.encode(), digest_size=4).digest()) % width] += 1
    length = math.sqrt(sum(value * value for value in vector)) or 1.0
    return [value / length for value in vector]


def _alike(query: str, text: str) -> float:
    """The part of the query's words that the text holds."""
    wanted = set(_words(query))
    return len(wanted & set(_words(text))) / max(1, len(wanted))


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())
