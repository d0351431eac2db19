"""What is really sent: a request with everything that settings and profile add to it.

The only place that says which of them wins. The client sends what comes out, and the journal files
the answer under it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from closedbook.config import EndpointTeacher
from closedbook.errors import UserError
from closedbook.models.chat import ChatRequest, Sampling
from closedbook.models.profiles import Profile, Recommended, Switch
from closedbook.records import Message
from closedbook.store.journal import storable


@dataclass(frozen=True, slots=True)
class Terms:
    """What all requests have in common that ask for the same thinking and sampling."""

    thinking: bool | None
    switch: Switch
    sampling: Sampling

    @classmethod
    def of(
        cls,
        thinking: bool | None,
        sampling: Sampling,
        settings: EndpointTeacher,
        profile: Profile,
    ) -> Terms:
        """Sampling is the request's; else what the config says; else what the profile recommends;
        else the endpoint's. Whether to think is the request's where the family can be switched so,
        else what the config says. Raises UserError if the family cannot do that."""
        asked = thinking if profile.thinking.switch(thinking) is not None else None
        wanted = settings.thinking if asked is None else asked
        if problem := profile.problem_with(wanted):
            raise UserError(problem[0], hint=problem[1])
        switch = profile.thinking.switch(wanted) or Switch()
        return cls(wanted, switch, _sampling(sampling, settings, profile.recommended(wanted)))

    def applied(self, request: ChatRequest) -> ChatRequest:
        """The request as it is sent; once is enough."""
        return ChatRequest(
            switched(request.messages, self.switch),
            self.sampling,
            request.sample,
            self.thinking,
            {**self.switch.body, **request.body},
        )


def resolve(request: ChatRequest, settings: EndpointTeacher, profile: Profile) -> ChatRequest:
    """The request as it is sent, to be applied once. Raises UserError as `Terms.of` does."""
    return Terms.of(request.thinking, request.sampling, settings, profile).applied(request)


def body_of(request: ChatRequest, model: str) -> dict[str, Any]:
    """The JSON body of a resolved request."""
    turns = [{"role": turn.role, "content": storable(turn.content)} for turn in request.messages]
    return {"model": model, "messages": turns, **request.sampling.given(), **request.body}


def _sampling(asked: Sampling, settings: EndpointTeacher, recommended: Recommended) -> Sampling:
    further = recommended if settings.takes_top_k else Recommended()
    return Sampling(
        temperature=_first(asked.temperature, settings.temperature, recommended.temperature),
        top_p=_first(asked.top_p, settings.top_p, recommended.top_p),
        max_tokens=asked.max_tokens or settings.max_tokens,
        top_k=asked.top_k or further.top_k,
        min_p=_first(asked.min_p, further.min_p),
    )


def _first(*values: float | None) -> float | None:
    return next((value for value in values if value is not None), None)


def switched(messages: Sequence[Message], switch: Switch) -> tuple[Message, ...]:
    """The turns with what a switch puts into their text."""
    if not (switch.system_first or switch.system_last or switch.user_last):
        return tuple(messages)
    turns = list(messages)
    if switch.system_first or switch.system_last:
        if not turns or turns[0].role != "system":
            turns.insert(0, Message("system", ""))
        texts = (switch.system_first, turns[0].content, switch.system_last)
        turns[0] = Message("system", "\n\n".join(filter(None, texts)))
    if switch.user_last:
        last = max((n for n, turn in enumerate(turns) if turn.role == "user"), default=None)
        if last is not None:
            turns[last] = Message("user", f"{turns[last].content}\n\n{switch.user_last}")
    return tuple(turns)
