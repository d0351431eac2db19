"""What a run may still spend, known before a request is sent.

What a request is expected to cost at most (all its attempts; its tokens once) is set aside while it
is on its way. Knows costs, not where they come from.
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass

from closedbook.config import Caps
from closedbook.errors import BudgetExhausted


@dataclass(frozen=True, slots=True)
class Cost:
    """Something that was, or can be, spent: requests, tokens of prompts and answers, USD (None: a
    model without a price was asked)."""

    requests: int = 0
    tokens: int = 0
    usd: float | None = 0.0

    def __add__(self, other: Cost) -> Cost:
        usd = None if self.usd is None or other.usd is None else self.usd + other.usd
        return Cost(self.requests + other.requests, self.tokens + other.tokens, usd)

    def __sub__(self, other: Cost) -> Cost:
        less = None if other.usd is None else -other.usd
        return self + Cost(-other.requests, -other.tokens, less)


NOTHING = Cost()
UNCAPPED = Caps()


class Budget:
    """The caps of a config, and what was spent and is set aside under them."""

    def __init__(self, caps: Caps = UNCAPPED, spent: Cost = NOTHING) -> None:
        self.spent = spent
        self.is_capped = caps != UNCAPPED
        self._caps = caps
        self._reserved = NOTHING
        self._turns: deque[asyncio.Future[None]] = deque()

    async def reserve(self, most: Cost) -> None:
        """Set `most` aside until `settle`; waits while only what is set aside for others stands in
        the way. Raises BudgetExhausted."""
        while self._passed(self.spent + self._reserved + most):
            self._refuse_if_over(most)
            self._turns.append(asyncio.get_running_loop().create_future())
            await self._turns[-1]
        self._reserved += most
        self._next_turn()

    def settle(self, reserved: Cost, spent: Cost) -> None:
        """What was `reserved` is free again; `spent` is gone."""
        self.spent += spent
        if reserved is not NOTHING:
            self._reserved -= reserved
            self._next_turn()

    def _refuse_if_over(self, most: Cost) -> None:
        """Raises BudgetExhausted if waiting cannot help, and lets the next hear it too."""
        cap = self._passed(self.spent + most)
        if cap:
            self._next_turn()
            raise BudgetExhausted(
                f"the next request could pass the budget of {cap}",
                hint="closedbook journal says what was spent; to go on, raise `budget` in"
                " closedbook.yaml and run again",
            )

    def _next_turn(self) -> None:
        """Let the first of those who wait look again."""
        while self._turns:
            turn = self._turns.popleft()
            if not turn.done():
                turn.set_result(None)
                return

    def _passed(self, cost: Cost) -> str:
        """The cap that `cost` would pass, in words; "" if there is none."""
        caps = self._caps
        if caps.requests is not None and cost.requests > caps.requests:
            return f"{caps.requests:,} requests"
        if caps.tokens is not None and cost.tokens > caps.tokens:
            return f"{caps.tokens:,} tokens"
        if caps.usd is not None and cost.usd is not None and cost.usd > caps.usd:
            return f"${caps.usd:,.2f}"
        return ""
