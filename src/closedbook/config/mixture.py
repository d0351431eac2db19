"""What a student is trained on: `mix`."""

from __future__ import annotations

from typing import Literal

from pydantic import PositiveInt, field_validator

from closedbook.config.section import Settings, Share

Source = Literal["qa", "qa_with_context", "study", "documents", "replay"]


class Mix(Settings):
    """One arm's training mixture: `tokens` in all, shared among the sources by `shares`.

    `replay` is "builtin" (rehearsal student only), "none" or a JSONL file of chat messages.
    `shuffle_answers` exchanges the answers of the pairs among each other: a control that must not
    learn anything true.
    """

    tokens: PositiveInt = 520_000
    shares: dict[Source, Share] = {
        "qa": 0.18,
        "qa_with_context": 0.27,
        "study": 0.23,
        "replay": 0.32,
    }
    replay: str = "builtin"
    shuffle_answers: bool = False
    seed: int = 0

    @field_validator("shares")
    @classmethod
    def _sum_to_one(cls, shares: dict[Source, Share]) -> dict[Source, Share]:
        total = sum(shares.values())
        if abs(total - 1) > 1e-6:
            raise ValueError(f"the shares add up to {total:g}, not 1")
        return shares
