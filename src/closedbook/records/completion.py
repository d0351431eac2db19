"""What is said to a model and what it answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Role = Literal["system", "user", "assistant"]


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation."""

    role: Role
    content: str


@dataclass(frozen=True, slots=True)
class Completion:
    """A model's answer with its thinking apart.

    Token counts are None where the endpoint does not say; `finish_reason` is the endpoint's word
    ("stop", "length", ...).
    """

    text: str
    reasoning: str = ""
    finish_reason: str = "stop"
    prompt_tokens: int | None = None
    completion_tokens: int | None = None

    @property
    def truncated(self) -> bool:
        """Cut off by the token limit, or while still thinking."""
        return self.finish_reason == "length" or bool(self.reasoning and not self.text)
