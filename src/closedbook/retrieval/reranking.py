"""Ordering what was found by a reranker, through the journal.

Invariant: a query whose ranking fails keeps the order of the search, and is said to.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial

from closedbook.engine import Account, Asker, ask_in_order
from closedbook.errors import EvaluationError, ProviderError
from closedbook.models import ChatRequest
from closedbook.models.rerank import ranking_of
from closedbook.records import Message, Passage

RERANK = "rerank"
"""The role of the model that is asked."""
IN_A_ROW = 32
"""Failures, before any ranking, after which a reranker is given up."""


@dataclass(frozen=True, slots=True)
class Query:
    """A question's text, its document, and what was found for it, the best first."""

    text: str
    document: str
    found: Sequence[Passage]


@dataclass(slots=True)
class Reranker:
    """The model of the account's role; `failed` and `to_retry` count queries that kept their
    order, for the reasons in `reasons`."""

    account: Account
    wanted: int
    failed: int = 0
    to_retry: int = 0
    reasons: set[str] = field(default_factory=set)
    _answered: int = 0

    def rerank(self, queries: Sequence[Query], step: str) -> list[list[Passage]]:
        """For each query the best `wanted` of what was found. Raises RunError where the budget is
        spent, the key is wrong, or no ranking comes at all."""
        return ask_in_order(self.account, RERANK, queries, partial(self._one, step))

    async def _one(self, step: str, asker: Asker, query: Query) -> list[Passage]:
        if not query.found:
            return []
        texts = [query.text, *(f"{item.title}\n{item.text}" for item in query.found)]
        body = {"top_n": min(self.wanted, len(query.found))}
        request = ChatRequest(tuple(Message("user", text) for text in texts), body=body)
        try:
            answer = await asker.ask(request, step=step, document=query.document, role=RERANK)
        except ProviderError as error:
            self._count(error)
            return list(query.found[: self.wanted])
        self._answered += 1
        places = ranking_of(answer.completion)[: self.wanted]
        return [query.found[place] for place in places]

    def _count(self, error: ProviderError) -> None:
        self.failed += 1
        self.to_retry += error.retryable
        self.reasons.add(error.message)
        if not self._answered and self.failed >= IN_A_ROW:
            raise EvaluationError(f"no ranking of {self.failed} queries: {error.message}")
