"""What a run may still spend, known before a request is sent.

What an attempt can cost at most is set aside before it is sent, until it is known what it did cost.
Knows costs, not where they come from.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from closedbook.config import Caps
from closedbook.errors import BudgetExhausted
from closedbook.hints import command


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
        self._reserved, self._holders = NOTHING, 0
        self._turns: deque[asyncio.Future[None]] = deque()

    @property
    def waiting(self) -> int:
        """How many requests wait until it is known what others cost."""
        return sum(not turn.done() for turn in self._turns)

    async def reserve(self, most: Cost) -> None:
        """Set `most` aside until `settle`; waits while only what is set aside for others stands in
        the way. Raises BudgetExhausted."""
        while self._passed(self.spent + self._reserved + most):
            self._refuse_if_over(most)
            turn = asyncio.get_running_loop().create_future()
            self._turns.append(turn)
            try:
                await turn
            except asyncio.CancelledError:
                if not turn.cancelled():
                    self._next_turn()  # it was this one's
                raise
        self._reserved += most
        self._holders += 1
        self._next_turn()

    def settle(self, reserved: Cost, spent: Cost) -> None:
        """What was `reserved` is free again; `spent` is gone."""
        self.spent += spent
        if reserved is not NOTHING:
            self._holders -= 1
            # Sums of money leave remainders.
            self._reserved = self._reserved - reserved if self._holders else NOTHING
            self._next_turn()

    def _refuse_if_over(self, most: Cost) -> None:
        """Raises BudgetExhausted if waiting cannot help, and lets the next hear it too."""
        unit = self._passed(self.spent + most)
        if unit:
            self._next_turn()
            spent, needed, cap = (
                _told(getattr(cost, unit), unit) for cost in (self.spent, most, self._caps)
            )
            raise BudgetExhausted(
                f"the next request could pass the budget of {cap}: {spent} spent, and it may take"
                f" up to {needed}",
                hint=f"{command('journal')} says what was spent; to go on, raise `budget` in"
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
        """The unit whose cap `cost` would pass; "" if there is none."""
        for unit in ("requests", "tokens", "usd"):
            cap, amount = getattr(self._caps, unit), getattr(cost, unit)
            if cap is not None and amount is not None and amount > cap:
                return unit
        return ""


class SetAside:
    """What one request has set aside of a budget, and how many of its attempts are paid."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._held = NOTHING
        self._paid = 0

    async def reserve(self, most: Cost) -> None:
        """For the first attempt, which is to cost no more. Raises BudgetExhausted."""
        await self._budget.reserve(most)
        self._held = most

    async def renew(self, most: Cost, costs: Sequence[Cost]) -> None:
        """For one more, after those that cost so much. Raises BudgetExhausted."""
        if len(costs) > self._paid:  # or else nothing was sent
            self.pay(costs)
            await self.reserve(most)

    def pay(self, costs: Sequence[Cost]) -> None:
        """All attempts so far cost so much; nothing is set aside any more."""
        new = costs[self._paid :]
        spent = new[0] if len(new) == 1 else sum(new, start=NOTHING)
        self._budget.settle(self._held, spent)
        self._held, self._paid = NOTHING, len(costs)


def _told(amount: float, unit: str) -> str:
    """Money to the cent, or to two digits where that is less."""
    if unit != "usd":
        return f"{amount:,} {unit if amount != 1 else unit[:-1]}"
    return f"${amount:,.2f}" if amount >= 0.1 or not amount else f"${amount:.2g}"
