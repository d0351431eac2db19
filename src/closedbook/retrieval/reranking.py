"""Ordering what was found by a reranker, through the journal.

Invariant: a query whose ranking fails keeps the order of the search, and is said to.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import anyio

from closedbook.engine import Account, Asker
from closedbook.errors import EvaluationError, ProviderError, RunError
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
    _ranked: dict[int, list[Passage]] = field(default_factory=dict)
    _stopped: list[RunError] = field(default_factory=list)

    def rerank(self, queries: Sequence[Query], step: str) -> list[list[Passage]]:
        """For each query the best `wanted` of what was found. Raises RunError where the budget is
        spent, the key is wrong, or no ranking comes at all."""
        self._ranked = {}
        anyio.run(self._rerank, queries, step)
        if self._stopped:
            raise self._stopped[0]
        return [self._ranked[number] for number in range(len(queries))]

    async def _rerank(self, queries: Sequence[Query], step: str) -> None:
        numbered = iter(enumerate(queries))
        async with self.account.asker() as asker, anyio.create_task_group() as group:
            for _ in range(self.account.roles[RERANK].model.slots):
                group.start_soon(self._work, asker, numbered, step)

    async def _work(self, asker: Asker, queries: Iterator[tuple[int, Query]], step: str) -> None:
        for number, query in queries:
            try:
                self._ranked[number] = await self._one(asker, query, step)
            except RunError as error:
                self._stopped.append(error)
            if self._stopped:
                return

    async def _one(self, asker: Asker, query: Query, step: str) -> list[Passage]:
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
