"""A model that says whether a short answer means what an accepted one says.

Knows questions and answers, not who answered. It is asked through the journal and within the
budget. Invariant: what is no plain verdict is none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

from closedbook.engine import Account, Asker, ask_in_order
from closedbook.errors import ProviderError
from closedbook.flows.parsing import chosen, parse_blocks
from closedbook.flows.prompts import load_prompt
from closedbook.models import ChatRequest, Sampling

PROMPT = Path(__file__).parent / "prompts" / "short_answer.md"
VERDICTS = ("RIGHT", "WRONG")
STEP = "grading short answers"
TOKENS = 256
"""Of a verdict; more than its form takes, for models that explain themselves all the same."""


@dataclass(frozen=True, slots=True)
class Given:
    """A short answer to be marked."""

    question: str
    accepted: tuple[str, ...]
    answer: str
    document: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """`right` is None where the reply was no verdict. `failed` is why there was no reply; with
    `retry` another run may get one."""

    right: bool | None = None
    failed: str = ""
    retry: bool = False


@dataclass(slots=True)
class Judge:
    """The model of `role` in the account."""

    account: Account
    role: str

    def verdicts(self, asked: Sequence[Given]) -> list[Verdict]:
        """One for each, in order. Raises BudgetExhausted, AuthError or JournalError; what was
        answered is in the journal."""
        return ask_in_order(self.account, self.role, asked, self._one) if asked else []

    async def _one(self, asker: Asker, given: Given) -> Verdict:
        accepted = "\n".join(" ".join(text.split()) for text in given.accepted)
        columns = {"question": given.question, "accepted": accepted, "answer": given.answer}
        sampling = Sampling(temperature=0.0, max_tokens=TOKENS)
        request = ChatRequest(_prompt().render(columns), sampling, thinking=False)
        try:
            answer = await asker.ask(request, step=STEP, document=given.document, role=self.role)
        except ProviderError as error:
            return Verdict(failed=error.message, retry=error.retryable)
        return Verdict(read_verdict(answer.completion.text))


def read_verdict(text: str) -> bool | None:
    """What a reply says, in the form asked for or as the word alone; None if neither."""
    blocks = parse_blocks(text, ("verdict",), truncated=False)
    told = [block["verdict"] for block in blocks if isinstance(block, dict)] or [text]
    verdict = chosen(told[0], "verdict", VERDICTS) if len(told) == 1 else None
    return None if verdict is None else verdict == "RIGHT"


_prompt = cache(partial(load_prompt, PROMPT))
