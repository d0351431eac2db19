"""The chat protocol every teacher speaks, whether an endpoint or the rehearsal stand-in."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from closedbook.records import Completion, Message


@dataclass(frozen=True, slots=True)
class Sampling:
    """How to sample; None leaves the choice to the endpoint. `max_tokens` counts tokens."""

    temperature: float | None = None
    top_p: float | None = None
    max_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """One ask. `sample` tells repeated asks of the same prompt apart."""

    messages: tuple[Message, ...]
    sampling: Sampling = field(default_factory=Sampling)
    sample: int = 0


class ChatModel(Protocol):
    """Something that answers a conversation; inherit from it for the defaults.

    `identity` names the model for the journal: the same identity and the same request may be
    answered from the journal. Requests with one `affinity` (a document) are better answered in one
    place; it changes no answer. Raises ProviderError (one row) or AuthError (the run).
    """

    @property
    def identity(self) -> str: ...

    @property
    def slots(self) -> int:
        """How many requests it may be given at a time."""
        return 1

    @property
    def waiting(self) -> int:
        """Requests it was given that wait for a slot."""
        return 0

    async def complete(self, request: ChatRequest, affinity: str = "") -> Completion: ...
