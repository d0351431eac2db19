"""Texts to vectors of length 1, by an endpoint through the journal or by a local model.

Knows texts and groups, not what is searched. Invariant: vectors come in the order of the texts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any, Protocol

import numpy as np

from closedbook.engine import Account, Asker, ask_in_order
from closedbook.errors import InputError, MissingExtra, ProviderError, RunError
from closedbook.models import ChatRequest
from closedbook.models.embedding import Vectors, unpacked
from closedbook.records import Message

EMBEDDING = "embedding"
"""The role of the model that is asked."""
Grouped = Sequence[tuple[str, str]]
"""Texts, each with the group (a document) it belongs to."""


class Embedder(Protocol):
    """Something that makes vectors of texts."""

    def embed(self, texts: Grouped, step: str) -> Vectors:
        """One row of length 1 per text; `step` is what the work is called in accounts."""


@dataclass(frozen=True, slots=True)
class RemoteEmbedder:
    """An endpoint. Texts of one group are sent together, at most `batch`, so that a new document
    changes no other's request."""

    account: Account
    batch: int

    def embed(self, texts: Grouped, step: str) -> Vectors:
        """Raises RunError where the endpoint gives no vectors; those that came are kept."""

        async def one(asker: Asker, batch: Grouped) -> Vectors:
            request = ChatRequest(tuple(Message("user", text) for _, text in batch))
            try:
                answer = await asker.ask(request, step=step, document=batch[0][0], role=EMBEDDING)
            except ProviderError as error:
                hint = error.hint or "once that is solved, run again: what was embedded is kept"
                raise RunError(f"no embeddings: {error.message}", hint=hint) from error
            return unpacked(answer.completion.text)

        batches = list(_batches(texts, self.batch))
        return _of_length_one(np.concatenate(ask_in_order(self.account, EMBEDDING, batches, one)))


class LocalEmbedder:
    """A sentence-transformers model on this machine."""

    def __init__(self, model: str, revision: str, batch: int) -> None:
        """Raises MissingExtra without the package, InputError where there is no such model."""
        if not find_spec("sentence_transformers"):
            raise MissingExtra("rag", "sentence_transformers")
        from sentence_transformers import SentenceTransformer

        self._batch = batch
        try:
            self._model: Any = SentenceTransformer(model, revision=revision)
        except (OSError, ValueError) as error:
            first_line = str(error).strip().split("\n", 1)[0]
            raise InputError(
                f"there is no embedding model at {model!r}: {first_line}",
                hint="give a sentence-transformers folder or a name on the Hub",
            ) from error

    def embed(self, texts: Grouped, step: str) -> Vectors:  # noqa: ARG002 - nothing is accounted
        """As the model encodes them."""
        vectors = self._model.encode(
            [text for _, text in texts],
            batch_size=self._batch,
            convert_to_numpy=True,
            show_progress_bar=False,
        )
        return _of_length_one(np.asarray(vectors, dtype=np.float32))


def _batches(texts: Grouped, most: int) -> Iterator[Grouped]:
    """Runs of one group, in order."""
    start = 0
    for end in range(1, len(texts) + 1):
        full = end - start == most
        if end == len(texts) or full or texts[end][0] != texts[start][0]:
            yield texts[start:end]
            start = end


def _of_length_one(vectors: Vectors) -> Vectors:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return (vectors / np.where(lengths > 0, lengths, 1)).astype(np.float32)
