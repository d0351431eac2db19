"""A model in a role, and what it costs to ask it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from closedbook.config import Price
from closedbook.engine.budget import Cost
from closedbook.models.attempts import Attempt
from closedbook.models.chat import ChatModel, ChatRequest

TEACHER, JUDGE = "teacher", "judge"
"""The roles that there always are."""
BYTES_PER_TOKEN = 3
"""A cautious estimate of a prompt; English has about 4, and a Chinese character is three bytes."""
ASSUMED_TOKENS = 4096
"""The longest answer expected where nothing limits it."""


@dataclass(frozen=True, slots=True)
class Role:
    """Without a `price` money is unknown; `max_tokens` bounds the answers of requests that name no
    bound themselves."""

    model: ChatModel
    price: Price | None = None
    max_tokens: int | None = None

    def most(self, request: ChatRequest) -> Cost:
        """The most that one attempt can cost: the prompt and an answer of full length."""
        text = "".join([message.content for message in request.messages])
        length = len(text) if text.isascii() else len(text.encode(errors="surrogatepass"))
        prompt = length // BYTES_PER_TOKEN + 1
        return self._cost(prompt, request.sampling.max_tokens or self.max_tokens or ASSUMED_TOKENS)

    def costs(self, attempts: Sequence[Attempt], request: ChatRequest) -> list[Cost]:
        """What each attempt cost; the most it can have where its tokens were not counted."""
        return [
            self.most(request)
            if attempt.prompt_tokens is None or attempt.completion_tokens is None
            else self._cost(attempt.prompt_tokens, attempt.completion_tokens)
            for attempt in attempts
        ]

    def usd(self, prompt_tokens: int | None, completion_tokens: int | None) -> float | None:
        """Their price; None if it is unknown."""
        return self.price.cost(prompt_tokens, completion_tokens) if self.price else None

    def _cost(self, prompt: int, completion: int) -> Cost:
        return Cost(1, prompt + completion, self.usd(prompt, completion))
