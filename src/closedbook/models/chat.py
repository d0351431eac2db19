"""The chat protocol every teacher speaks, whether an endpoint or the rehearsal stand-in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from closedbook.records import Completion, Message


class Sampling(NamedTuple):
    """How to sample; None leaves the choice to the endpoint. `max_tokens` counts tokens."""

    temperature: float | None = None
    top_p: float | None = None
    max_tokens: int | None = None
    top_k: int | None = None
    min_p: float | None = None

    def given(self) -> dict[str, float]:
        """What is not left to the endpoint, by the names of the protocol."""
        named = zip(self._fields, self, strict=True)
        return {name: value for name, value in named if value is not None}


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """One ask. `sample` tells repeated asks of the same prompt apart; `thinking` asks for it or
    forbids it; `body` holds further fields of the protocol's JSON."""

    messages: tuple[Message, ...]
    sampling: Sampling = field(default_factory=Sampling)
    sample: int = 0
    thinking: bool | None = None
    body: Mapping[str, Any] = field(default_factory=dict, hash=False)


class Health(NamedTuple):
    """A moment of a model: how many requests it has really sent (None: it does not count), why it
    answers nobody, which of its addresses are out while others serve ("": none of that), and
    whether nobody was answered for so long that nobody is waited for."""

    in_flight: int | None = None
    trouble: str = ""
    missing: str = ""
    given_up: bool = False


class ChatModel(Protocol):
    """Something that answers a conversation; inherit from it for the defaults.

    `identity` names the model for the journal: the same identity and the same resolved request may
    be answered from the journal. `resolve` makes of a request, once, what is to be sent; `complete`
    sends it as it is. Requests with one `affinity` (a document) are better answered in one place;
    it changes no answer. Raises ProviderError (one row) or AuthError (the run).
    """

    @property
    def identity(self) -> str: ...

    def resolve(self, request: ChatRequest) -> ChatRequest:
        """As it is, where there are no settings."""
        return request

    @property
    def slots(self) -> int:
        """How many requests it may be given at a time."""
        return 1

    @property
    def health(self) -> Health:
        """How it is at the moment."""
        return Health()

    def stop(self) -> None:
        """Send nothing more: who waits to send, or to send again, gets a ProviderError; what is on
        its way is waited for."""
        return

    async def probe(self) -> str | None:
        """What is wrong with it, in one line; None if nothing is, or nobody knows. Takes no longer
        than a look, and asks the model nothing."""
        return None

    async def complete(self, request: ChatRequest, affinity: str = "") -> Completion: ...
