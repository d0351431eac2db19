"""How passages are cut, found and ordered for RAG: `evaluate.retrieval`."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, PositiveFloat, PositiveInt, model_validator

from closedbook.config.section import Settings
from closedbook.config.teachers import EndpointTeacher, Price, addresses_of

SHARED = {"base_url", "model", "revision", "api_key", "timeout", "attempts", "give_up_after"}


class _Served(Settings):
    """A model behind an address. `price` is in USD per million tokens."""

    base_url: Annotated[str | tuple[str, ...], BeforeValidator(addresses_of)]
    model: str = Field(min_length=1)
    revision: str = ""
    api_key: str = Field(default="", repr=False)
    concurrency: PositiveInt = 8
    timeout: PositiveFloat = 120.0
    attempts: PositiveInt = 8
    give_up_after: PositiveFloat = 600.0
    price: Annotated[float, Field(ge=0)] | None = None

    @property
    def endpoint(self) -> EndpointTeacher:
        """The same address as the client takes it."""
        given = self.model_dump(include={*SHARED, "concurrency"})
        return EndpointTeacher(kind="endpoint", **given)

    @property
    def prices(self) -> Price | None:
        return None if self.price is None else Price(prompt=self.price, completion=0.0)


class EndpointEmbedding(_Served):
    """Any OpenAI-compatible endpoint for embeddings, asked for `batch` texts at a time. What some
    models want before a query or a passage is `query_prefix` and `passage_prefix`."""

    kind: Literal["endpoint"]
    batch: PositiveInt = 64
    dimensions: PositiveInt | None = None
    query_prefix: str = ""
    passage_prefix: str = ""


class LocalEmbedding(Settings):
    """A sentence-transformers model: a folder or a name on the Hub."""

    kind: Literal["local"]
    model: str = Field(min_length=1)
    revision: str = "main"
    batch: PositiveInt = 32
    query_prefix: str = ""
    passage_prefix: str = ""


class Rerank(_Served):
    """Any Cohere-compatible reranker, at the address before /rerank; `tei` is the dialect of Text
    Embeddings Inference."""

    dialect: Literal["cohere", "tei"] = "cohere"


Embedding = Annotated[EndpointEmbedding | LocalEmbedding, Field(discriminator="kind")]


class Retrieval(Settings):
    """`search` is by words, by vectors, or both fused by rank; None: both where there is an
    `embedding`, else by words. `candidates` are found, of which `rerank` picks. `chunks` are cut
    along the text's structure or blindly by characters; with `passage_tokens` their size is in the
    student's tokens. With `titled` a passage in a prompt begins with its document's title."""

    search: Literal["lexical", "vectors", "hybrid"] | None = None
    embedding: Embedding | None = None
    rerank: Rerank | None = None
    candidates: PositiveInt = 128
    query: Literal["question", "question_and_options"] = "question"
    chunks: Literal["structure", "characters"] = "structure"
    passage_tokens: PositiveInt | None = None
    titled: bool = False
    order: Literal["best_last", "best_first"] = "best_last"

    @model_validator(mode="after")
    def _searchable(self) -> Self:
        if self.how != "lexical" and self.embedding is None:
            raise ValueError(f"a search by {self.how} needs embeddings: name a model in embedding")
        return self

    @property
    def how(self) -> Literal["lexical", "vectors", "hybrid"]:
        """The search that is meant."""
        return self.search or ("hybrid" if self.embedding else "lexical")
