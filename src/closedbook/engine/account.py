"""Who is asked, on what terms, and the journal that keeps the answers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from closedbook.config import Caps
from closedbook.engine.asking import Asker
from closedbook.engine.budget import NOTHING, UNCAPPED, Budget, Cost
from closedbook.engine.interruptible import stopped_by
from closedbook.engine.role import JUDGE, TEACHER, Role
from closedbook.errors import Interrupted
from closedbook.models.chat import ChatModel
from closedbook.store.accounts import Spent, spent
from closedbook.store.journal import Journal


@dataclass(frozen=True, slots=True)
class Account:
    """Models by their role in flows ("teacher", "judge"), the journal, and the caps of all."""

    roles: Mapping[str, Role]
    journal: Path
    caps: Caps = UNCAPPED

    @classmethod
    def of(cls, model: ChatModel, journal: Path) -> Self:
        """One teacher that judges too, free of charge and caps."""
        return cls(dict.fromkeys((TEACHER, JUDGE), Role(model)), journal)

    @property
    def models(self) -> list[ChatModel]:
        """Each once, whatever roles it has."""
        return list({id(role.model): role.model for role in self.roles.values()}.values())

    @property
    def slots(self) -> int:
        """How many requests all models together may be given at a time."""
        return sum(model.slots for model in self.models)

    @asynccontextmanager
    async def asker(self) -> AsyncIterator[Asker]:
        """Opens the journal, and the models that are context managers."""
        async with AsyncExitStack() as stack:
            journal = await stack.enter_async_context(Journal.open(self.journal))
            for model in self.models:
                if isinstance(model, AbstractAsyncContextManager):
                    await stack.enter_async_context(model)
            before = await asyncio.to_thread(spent, self.journal)
            budget = Budget(self.caps, sum(map(self._cost, before), start=NOTHING))
            asker = Asker(self.roles, journal, budget)
            with stopped_by(lambda: asker.stop(Interrupted("interrupted"))):
                yield asker

    def _cost(self, before: Spent) -> Cost:
        """What a model took in earlier runs; what had no price then is reckoned at today's, if it
        is still asked."""
        unpriced = (before.unpriced_prompt_tokens, before.unpriced_completion_tokens)
        asked = [role for role in self.roles.values() if role.model.identity == before.model]
        late = asked[0].usd(*unpriced) if asked and any(unpriced) else 0.0
        return Cost(before.requests, before.tokens, None if late is None else before.usd + late)
