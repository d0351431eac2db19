"""What a run may still spend, known before a request is sent.

What a request is expected to cost at most (all its attempts; the prompt and an answer of full
length, once) is reserved while it is on its way. Knows requests and tokens, not where they go.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from closedbook.config import Price
from closedbook.config.settings import Budget as Caps
from closedbook.errors import BudgetExhausted
from closedbook.models.attempts import Attempt
from closedbook.models.chat import ChatRequest

CHARACTERS_PER_TOKEN = 3
"""A cautious estimate of a prompt; English has about 4."""
ASSUMED_TOKENS = 4096
"""Reserved for an answer whose length nothing limits."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Something that was, or can be, spent."""

    requests: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0

    def __add__(self, other: Cost) -> Cost:
        return Cost(
            self.requests + other.requests,
            self.prompt_tokens + other.prompt_tokens,
            self.completion_tokens + other.completion_tokens,
        )

    def __sub__(self, other: Cost) -> Cost:
        return self + Cost(-other.requests, -other.prompt_tokens, -other.completion_tokens)

    @property
    def tokens(self) -> int:
        return self.prompt_tokens + self.completion_tokens


NOTHING = Cost()
UNCAPPED = Caps()


class Budget:
    """The caps of a config, and what was spent and is reserved under them."""

    def __init__(
        self,
        caps: Caps,
        spent: Cost = NOTHING,
        *,
        price: Price | None = None,
        max_tokens: int | None = None,
        attempts: int = 1,
    ) -> None:
        """`price` turns tokens into money, `max_tokens` bounds answers whose request does not; a
        request may be sent `attempts` times."""
        self.spent = spent
        self._caps = caps
        self._reserved = Cost()
        self._blind = False
        self._turns: deque[asyncio.Future[None]] = deque()
        self._price = price
        self._longest = max_tokens or ASSUMED_TOKENS
        self._attempts = attempts

    async def reserve(self, request: ChatRequest) -> Cost:
        """Set aside the most that `request` can cost, until `settle`; waits while only what is set
        aside for others stands in the way. Raises BudgetExhausted."""
        if self._caps == UNCAPPED:
            return NOTHING
        most = self._most(request)
        while self._blind or self._passed(self.spent + self._reserved + most):
            self._refuse_if_over(most)
            self._turns.append(asyncio.get_running_loop().create_future())
            await self._turns[-1]
        self._reserved += most
        self._next_turn()
        return most

    def settle(self, reserved: Cost, attempts: Sequence[Attempt]) -> None:
        """What was `reserved` is free again; what the attempts took is spent."""
        if reserved is not NOTHING:
            self._reserved -= reserved
        self.spent += cost_of(attempts)
        counted = self._caps.tokens is not None or self._caps.usd is not None
        self._blind |= counted and any(map(_is_uncounted, attempts))
        self._next_turn()

    def _refuse_if_over(self, most: Cost) -> None:
        """Raises BudgetExhausted if waiting cannot help, and lets the next hear it too."""
        cap = self._passed(self.spent + most)
        if not cap and not self._blind:
            return
        self._next_turn()
        if self._blind:
            raise BudgetExhausted(
                "the endpoint counts no tokens, so a budget of tokens or money cannot be kept",
                hint="use budget.requests instead",
            )
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

    def usd(self, cost: Cost) -> float | None:
        """Money, or None if the model has no price."""
        if self._price is None:
            return None
        return self._price.cost(cost.prompt_tokens, cost.completion_tokens)

    def _most(self, request: ChatRequest) -> Cost:
        characters = sum(len(message.content) for message in request.messages)
        longest = request.sampling.max_tokens or self._longest
        return Cost(self._attempts, characters // CHARACTERS_PER_TOKEN + 1, longest)

    def _passed(self, cost: Cost) -> str:
        """The cap that `cost` would pass, in words; "" if there is none."""
        caps, money = self._caps, self.usd(cost)
        if caps.requests is not None and cost.requests > caps.requests:
            return f"{caps.requests:,} requests"
        if caps.tokens is not None and cost.tokens > caps.tokens:
            return f"{caps.tokens:,} tokens"
        if caps.usd is not None and money is not None and money > caps.usd:
            return f"${caps.usd:,.2f}"
        return ""


def _is_uncounted(attempt: Attempt) -> bool:
    unknown = attempt.prompt_tokens is None or attempt.completion_tokens is None
    return unknown and attempt.outcome == "ok"


def cost_of(attempts: Sequence[Attempt]) -> Cost:
    """What attempts took; an attempt without a count is a request and no tokens."""
    return Cost(
        len(attempts),
        sum(attempt.prompt_tokens or 0 for attempt in attempts),
        sum(attempt.completion_tokens or 0 for attempt in attempts),
    )
