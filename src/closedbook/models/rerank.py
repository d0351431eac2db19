"""The client of any Cohere-compatible reranker, and of the dialect of Text Embeddings Inference.

It is asked as a chat model is: the first message of a request is the query, the others the texts;
the text of its answer is the ranking. Invariant: a ranking names texts by their places, each once,
the best first.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from closedbook.config import Rerank
from closedbook.models.chat import ChatRequest
from closedbook.models.endpoint import Endpoint, Form
from closedbook.models.replies import Failure, Outcome
from closedbook.records import Completion


class RerankEndpoint(Endpoint):
    """Use as `async with`, through an Asker. `body["top_n"]` of a request is how many are wanted;
    TEI gives all."""

    def __init__(self, settings: Rerank, *, first_wait: float = 1.0) -> None:
        form = Form("rerank", self.body, self.read)
        super().__init__(settings.endpoint, form=form, first_wait=first_wait)
        self._dialect = settings.dialect

    @property
    def identity(self) -> str:
        return f"rerank {super().identity}"

    def resolve(self, request: ChatRequest) -> ChatRequest:
        """As it is: texts have neither thinking nor sampling."""
        return request

    def body(self, request: ChatRequest, model: str) -> dict[str, Any]:
        """Query and texts in the dialect of the server."""
        query, *texts = (turn.content for turn in request.messages)
        if self._dialect == "tei":
            return {"query": query, "texts": texts, "truncate": True}
        given = {"model": model, "query": query, "documents": texts}
        return {**given, **request.body}

    def read(self, reply: Mapping[str, Any], request: ChatRequest, _: object) -> Completion:
        """Raises Failure for anything but places of texts with their scores."""
        name = "score" if self._dialect == "tei" else "relevance_score"
        try:
            scored = [(int(item["index"]), float(item[name])) for item in reply["results"]]
        except (KeyError, TypeError, ValueError, OverflowError):
            raise Failure("not a ranking", Outcome.UNUSABLE) from None
        places = {place for place, _ in scored}
        known = len(request.messages) - 1
        if not places or len(places) < len(scored) or not places <= set(range(known)):
            raise Failure(f"not a ranking of {known} texts", Outcome.UNUSABLE)
        best = sorted(scored, key=lambda item: (-item[1], item[0]))
        return Completion(orjson.dumps([place for place, _ in best]).decode(), completion_tokens=0)


def ranking_of(completion: Completion) -> list[int]:
    """The places of the texts, the best first."""
    places: list[int] = orjson.loads(completion.text)
    return places
