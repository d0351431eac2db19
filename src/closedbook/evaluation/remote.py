"""A model behind an endpoint as an examinee: it writes, through the journal and within the budget.

Knows requests and failures, not what is right. Invariants: what was answered before is not sent
again; a request that fails for good or for now costs only its own question, and is said to.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from closedbook.config import Evaluate
from closedbook.engine import Account, Asker, ask_each
from closedbook.errors import EvaluationError, ProviderError
from closedbook.evaluation.asking import Answering, Ask, Said
from closedbook.evaluation.conditions import TOO_LONG
from closedbook.evaluation.grading import names_an_option
from closedbook.models import ChatRequest, Sampling
from closedbook.records import Completion, Message
from closedbook.students import LETTER_ALONE

CHARACTERS_PER_TOKEN = 3
"""A cautious estimate; English has about 4."""
IN_A_ROW = 32
"""Failures, before any answer, after which an endpoint is given up."""
LETTER_TOKENS = 256
"""For the letter alone; a model that thinks all the same gets this far."""


@dataclass(slots=True)
class RemoteExaminee:
    """The model of `role` in the account. `context` is what it takes, prompt and answer together,
    in tokens (None: unknown); `can_stop_thinking` whether it can be asked not to think."""

    account: Account
    role: str
    settings: Evaluate
    context: int | None = None
    can_stop_thinking: bool = False
    _failed: int = 0
    _answered: int = 0
    answering: ClassVar[Answering] = "generate"

    def refusal(self, prompt: Sequence[Message], _options: Sequence[str]) -> str:
        """TOO_LONG, if the context is known and surely too short; "" otherwise."""
        characters = sum(len(turn.content) for turn in prompt)
        needed = characters / CHARACTERS_PER_TOKEN + self._tokens
        return TOO_LONG if self.context is not None and needed > self.context else ""

    def answer(self, asks: Iterator[Ask], take: Callable[[Ask, Said], None]) -> None:
        """Hand what is said to each ask to `take`, in the order in which answers come. Raises
        BudgetExhausted, AuthError or JournalError, and EvaluationError if the endpoint answers
        nothing; what was answered is in the journal."""

        async def one(asker: Asker, ask: Ask) -> None:
            take(ask, await self._one(asker, ask))

        ask_each(self.account, self.role, asks, one)

    @property
    def _tokens(self) -> int:
        return self.account.roles[self.role].max_tokens or self.settings.written_tokens

    async def _one(self, asker: Asker, ask: Ask) -> Said:
        started = time.monotonic()
        try:
            said = await self._said(asker, ask)
        except ProviderError as error:
            self._failed += 1
            if not self._answered and self._failed >= IN_A_ROW:
                raise EvaluationError(
                    f"{self.role}: no answer to {self._failed} questions: {error.message}",
                    hint=error.hint or "once that is solved, run again",
                ) from error
            return Said(failed=error.message, retry=error.retryable)
        self._answered += 1
        # What came from the journal took no time worth telling.
        seconds = None if said.seconds is None else round(time.monotonic() - started, 3)
        return replace(said, seconds=seconds)

    async def _said(self, asker: Asker, ask: Ask) -> Said:
        completion, replayed = await self._ask(asker, ask, self._request(ask))
        said = Said(
            completion.text,
            reasoning=completion.reasoning,
            truncated=completion.truncated,
            prompt_tokens=completion.prompt_tokens,
            completion_tokens=completion.completion_tokens,
            seconds=None if replayed else 0.0,
        )
        options = ask.prompt.options
        if not completion.truncated or not options or names_an_option(ask, completion.text):
            return said
        letter, _ = await self._ask(asker, ask, self._once_more(ask, completion))
        return replace(said, letter=letter.text)

    async def _ask(self, asker: Asker, ask: Ask, request: ChatRequest) -> tuple[Completion, bool]:
        step = f"{ask.exam}, {ask.condition}"
        document = ask.prompt.question.document
        answer = await asker.ask(request, step=step, document=document, role=self.role)
        return answer.completion, answer.replayed

    def _request(self, ask: Ask) -> ChatRequest:
        sampling = Sampling(temperature=self.settings.temperature, max_tokens=self._tokens)
        return ChatRequest(ask.prompt.messages, sampling, ask.sample, self.settings.thinking)

    def _once_more(self, ask: Ask, cut: Completion) -> ChatRequest:
        """What was cut off, and the wish for the letter alone."""
        said = cut.text or cut.reasoning[-2000:] or "..."
        turns = (Message("assistant", said), Message("user", LETTER_ALONE))
        thinking = False if self.can_stop_thinking else self.settings.thinking
        sampling = Sampling(temperature=self.settings.temperature, max_tokens=LETTER_TOKENS)
        return ChatRequest((*ask.prompt.messages, *turns), sampling, ask.sample, thinking)
