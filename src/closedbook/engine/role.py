"""A model in a role, and what it costs to ask it."""

from __future__ import annotations

from dataclasses import dataclass

from closedbook.config import Price
from closedbook.engine.budget import Cost
from closedbook.models.attempts import Attempt
from closedbook.models.chat import ChatModel, ChatRequest

TEACHER = "teacher"
CHARACTERS_PER_TOKEN = 3
"""A cautious estimate of a prompt; English has about 4."""
ASSUMED_TOKENS = 4096
"""The longest answer expected where nothing limits it."""


@dataclass(frozen=True, slots=True)
class Role:
    """Without a `price` money is unknown; `max_tokens` bounds the answers of requests that name no
    bound themselves; one may be sent `attempts` times."""

    model: ChatModel
    price: Price | None = None
    max_tokens: int | None = None
    attempts: int = 1

    def most(self, request: ChatRequest) -> Cost:
        """The most that one attempt can cost: the prompt and an answer of full length."""
        characters = sum(len(message.content) for message in request.messages)
        prompt = characters // CHARACTERS_PER_TOKEN + 1
        return self._cost(prompt, request.sampling.max_tokens or self.max_tokens or ASSUMED_TOKENS)

    def cost(self, attempt: Attempt, request: ChatRequest) -> Cost:
        """What an attempt cost; the most it can have where its tokens were not counted."""
        prompt, completion = attempt.prompt_tokens, attempt.completion_tokens
        if prompt is None or completion is None:
            return self.most(request)
        return self._cost(prompt, completion)

    def usd(self, prompt_tokens: int | None, completion_tokens: int | None) -> float | None:
        """Their price; None if it is unknown."""
        return self.price.cost(prompt_tokens, completion_tokens) if self.price else None

    def _cost(self, prompt: int, completion: int) -> Cost:
        return Cost(1, prompt + completion, self.usd(prompt, completion))
