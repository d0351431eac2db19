"""The stage that finds passages for each question, once for all arms."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from closedbook import evaluation
from closedbook.config import EndpointEmbedding, LocalEmbedding
from closedbook.engine import Account, Role
from closedbook.events import Counts, Emit
from closedbook.models.embedding import EmbeddingEndpoint
from closedbook.models.rerank import RerankEndpoint
from closedbook.retrieval.embedders import EMBEDDING, Embedder, LocalEmbedder, RemoteEmbedder
from closedbook.retrieval.reranking import RERANK, Reranker
from closedbook.stages.setup import Setup
from closedbook.store import Stage
from closedbook.students.student import load_tokenizer

CALLING = {"base_url", "api_key", "concurrency", "timeout", "attempts", "give_up_after", "price"}
"""How a model is reached; it decides no answer."""


def retrieve(setup: Setup) -> Stage:
    """What is found for each question; by words, and no model is asked, where nobody reads it."""
    place, settings = setup.place, setup.config.evaluate
    how, read = settings.retrieval, "rag" in settings.conditions

    def make(out: Path, emit: Emit) -> Counts:
        found_by = searcher(setup, by_words=not read)
        return evaluation.retrieve(place.documents, place.exam, found_by, out, emit)

    not_found_by: dict[str, Any] = {
        "order": True,
        "titled": True,
        "embedding": CALLING,
        "rerank": CALLING,
    }
    decisive = {
        **settings.model_dump(include={"retrieved", "passage_characters"}),
        "retrieval": how.model_dump(mode="json", exclude=not_found_by) if read else None,
    }
    if how.passage_tokens:
        decisive["student"] = setup.identity
    inputs = {"documents": place.documents, "exam": place.exam}
    return Stage("retrieve", 2, decisive, inputs, make, ("documents", "exam"))


def searcher(setup: Setup, *, by_words: bool = False) -> evaluation.Searcher:
    """How this project cuts its documents and finds passages in them."""
    tokenizer: Any = None
    if setup.config.evaluate.retrieval.passage_tokens:
        tokenizer = load_tokenizer(setup.student).backend_tokenizer
    models = (None, None) if by_words else (_embedder(setup), _reranker(setup))
    return evaluation.Searcher(setup.config.evaluate, *models, tokenizer)


def _embedder(setup: Setup) -> Embedder | None:
    settings = setup.config.evaluate.retrieval
    if settings.how == "lexical" or settings.embedding is None:
        return None
    if isinstance(settings.embedding, LocalEmbedding):
        named = settings.embedding
        folder = setup.place.root / named.model
        return LocalEmbedder(
            str(folder) if folder.is_dir() else named.model, named.revision, named.batch
        )
    model: EndpointEmbedding = settings.embedding
    role = Role(EmbeddingEndpoint(model), model.prices)
    return RemoteEmbedder(_account(setup, EMBEDDING, role), model.batch)


def _reranker(setup: Setup) -> Reranker | None:
    model = setup.config.evaluate.retrieval.rerank
    if model is None:
        return None
    role = Role(RerankEndpoint(model), model.prices)
    return Reranker(_account(setup, RERANK, role), setup.config.evaluate.retrieved)


def _account(setup: Setup, name: str, role: Role) -> Account:
    """The project's journal and caps, with one more who is asked."""
    account = setup.account
    return Account({**account.roles, name: role}, account.journal, account.caps)
