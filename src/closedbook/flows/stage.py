"""What every stage that asks the teacher does: run flows over documents, collect what they made.

Knows documents and lanes; not what the records made of them are. The order of what comes out is
that of documents, flows and rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

import anyio

from closedbook.engine import Asker, Engine, Row, Tally, Yield
from closedbook.events import Emit
from closedbook.flows.loading import Flow
from closedbook.flows.spec import Makes
from closedbook.models.chat import ChatModel
from closedbook.records import Document, Rejection
from closedbook.store.journal import Journal
from closedbook.store.rows import read_rows

Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class FlowStage:
    """A stage by its name, with its flows and where the answers are.

    A model that is an async context manager is entered for each run.
    """

    name: str
    flows: Sequence[Flow]
    model: ChatModel
    journal_path: Path

    def run(self, documents: Path, emit: Emit) -> Harvest:
        """Raises RunError when answers are missing."""
        sources = {document.id: document for document in read_rows(documents, Document)}
        yields, tally = anyio.run(partial(self._run, list(sources.values()), emit))
        makes = {flow.name: flow.makes for flow in self.flows}
        return Harvest(sources, makes, tuple(yields), tally)

    async def _run(self, documents: Sequence[Document], emit: Emit) -> tuple[list[Yield], Tally]:
        sources = [
            Row(document.id, document.source, {"document": document.text, "title": document.title})
            for document in documents
        ]
        lanes = [flow.lane for flow in self.flows]
        async with AsyncExitStack() as stack:
            journal = await stack.enter_async_context(Journal.open(self.journal_path))
            if isinstance(self.model, AbstractAsyncContextManager):
                await stack.enter_async_context(self.model)
            asker = Asker(self.model, journal)
            yields = await Engine(self.name, lanes, asker, emit).run(sources)
            return yields, asker.tally


@dataclass(frozen=True, slots=True)
class Harvest:
    """What flows made of documents."""

    documents: dict[str, Document]
    makes: dict[str, Makes]
    yields: tuple[Yield, ...]
    tally: Tally

    def made(self, kind: Makes, make: Callable[[Document, str, Row], Made]) -> list[Made]:
        """`make` of document, flow and columns, for every row of the flows of one kind."""
        return [
            make(self.documents[part.source], part.lane, row)
            for part in self.yields
            if self.makes[part.lane] == kind
            for row in part.rows
        ]

    def rejections(self) -> Iterable[Rejection]:
        return (rejection for part in self.yields for rejection in part.rejections)

    def counts(self) -> dict[str, int]:
        """Requests and tokens of all answers used, bought now or before; tokens are absent where
        the endpoint counts none."""
        counted = {
            "asks": self.tally.asks,
            "from_journal": self.tally.from_journal,
            "prompt_tokens": self.tally.prompt_tokens,
            "completion_tokens": self.tally.completion_tokens,
        }
        return {name: count for name, count in counted.items() if count is not None}
