"""A model, the journal that keeps its answers, and what may be spent on it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import anyio

from closedbook.config import Budget as Caps
from closedbook.config import Price
from closedbook.engine.asking import Asker
from closedbook.engine.budget import UNCAPPED, Budget, Cost
from closedbook.models.chat import ChatModel
from closedbook.store.accounts import spent
from closedbook.store.journal import Journal


@dataclass(frozen=True, slots=True)
class Account:
    """Who is asked, and on what terms. Without a `price` money is unknown; `max_tokens` bounds the
    answers of requests that name no bound themselves; one may be sent `attempts` times."""

    model: ChatModel
    journal: Path
    caps: Caps = UNCAPPED
    price: Price | None = None
    max_tokens: int | None = None
    attempts: int = 1

    @asynccontextmanager
    async def asker(self) -> AsyncIterator[Asker]:
        """Opens the journal, and the model where it is a context manager."""
        async with AsyncExitStack() as stack:
            journal = await stack.enter_async_context(Journal.open(self.journal))
            if isinstance(self.model, AbstractAsyncContextManager):
                await stack.enter_async_context(self.model)
            before = await anyio.to_thread.run_sync(spent, self.journal)
            sent = Cost(before.requests, before.prompt_tokens, before.completion_tokens)
            budget = Budget(
                self.caps,
                sent,
                price=self.price,
                max_tokens=self.max_tokens,
                attempts=self.attempts,
            )
            yield Asker(self.model, journal, budget)
