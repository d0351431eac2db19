"""The client of any OpenAI-compatible endpoint for embeddings.

It is asked as a chat model is, so that journal, budget, replicas and retries are the same: the
messages of a request are the texts, the text of its answer is their vectors. Invariant: an answer
holds one vector for every text, in order, all of one length.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from closedbook.config import EndpointEmbedding
from closedbook.models.chat import ChatRequest
from closedbook.models.endpoint import Endpoint, Form
from closedbook.models.replies import Failure, Outcome, counted
from closedbook.records import Completion

Vectors = npt.NDArray[np.float32]
"""One row per text."""


class EmbeddingEndpoint(Endpoint):
    """Use as `async with`, through an Asker."""

    def __init__(self, settings: EndpointEmbedding, *, first_wait: float = 1.0) -> None:
        form = Form("embeddings", self.body, self.read)
        super().__init__(settings.endpoint, form=form, first_wait=first_wait)
        self._dimensions = settings.dimensions

    @property
    def identity(self) -> str:
        cut = f"/{self._dimensions}" if self._dimensions else ""
        return f"embedding {super().identity}{cut}"

    def resolve(self, request: ChatRequest) -> ChatRequest:
        """As it is: texts have neither thinking nor sampling."""
        return request

    def body(self, request: ChatRequest, model: str) -> dict[str, Any]:
        """The texts, and how many numbers of each vector are wanted."""
        given = {
            "model": model,
            "input": [turn.content for turn in request.messages],
        }
        return {**given, "dimensions": self._dimensions} if self._dimensions else given

    def read(self, reply: Mapping[str, Any], request: ChatRequest, _: object) -> Completion:
        """Raises Failure for anything but one vector per text."""
        try:
            data = sorted(reply["data"], key=lambda item: int(item["index"]))
            vectors = np.array([item["embedding"] for item in data], dtype=np.float32)
        except (KeyError, TypeError, ValueError, OverflowError):
            raise Failure("not a list of embeddings", Outcome.UNUSABLE) from None
        if vectors.ndim != 2 or len(vectors) != len(request.messages):
            message = f"{len(data)} embeddings for {len(request.messages)} texts"
            raise Failure(message, Outcome.UNUSABLE)
        if not np.isfinite(vectors).all():
            raise Failure("an embedding that is not a number", Outcome.UNUSABLE)
        return Completion(
            packed(vectors),
            prompt_tokens=counted(reply, "prompt_tokens"),
            completion_tokens=0,
        )


def packed(vectors: Vectors) -> str:
    """Vectors as the text that a journal keeps."""
    return f"{vectors.shape[1]}:{base64.b64encode(vectors.astype('<f4').tobytes()).decode()}"


def unpacked(text: str) -> Vectors:
    """What `packed` made a text of."""
    width, _, content = text.partition(":")
    flat = np.frombuffer(base64.b64decode(content), dtype="<f4")
    return flat.reshape(-1, int(width)).astype(np.float32)
