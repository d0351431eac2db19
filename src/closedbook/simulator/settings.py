"""What a simulator can be told: its model, its speed, its faults.

Every setting is an option of `closedbook simulate` and a key of `POST /control`; the descriptions
here are the help of both.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, get_args

from pydantic import Field, ValidationError, field_validator

from closedbook.config.section import Settings, Share

Fault = Literal[
    "rate_limit",  # 429 at once, with Retry-After
    "server_error",  # 500
    "reset",  # the connection is reset instead of an answer
    "hang",  # never answers, and keeps its slot until the client gives up
    "html",  # a proxy's page with status 200
    "bad_gateway",  # a proxy's page with status 502
    "invalid_json",  # the reply's body is cut in half
    "slow_body",  # the reply comes in pieces over `slow_body_seconds`
    "truncated_thinking",  # finish_reason "length" before thinking ends
    "malformed",  # the text without its [TAGS], <tags> and {braces}
    "content_filter",  # no text, and finish_reason "content_filter"
    "tool_calls",  # no text, and finish_reason "tool_calls"
    "empty",  # no text
    "no_usage",  # the reply does not count tokens
]
Shape = Literal[
    "none", "field", "short_field", "tags", "closing", "brackets", "channels", "swallowed"
]
FAULTS: tuple[Fault, ...] = get_args(Fault)


class SimulatorSettings(Settings):
    """All of a simulator's settings; times are in seconds. Of its faults at most one meets an
    attempt, so that the rates add up to 1 at most."""

    model: str = Field("rehearsal", min_length=1, description="The name it is served under.")
    api_key: str = Field("", description="The key to ask for; none if empty.")
    teacher: Literal["rehearsal", "echo"] = Field(
        "rehearsal", description="Who answers: the rule-based teacher, or always --reply."
    )
    reply: str = Field("A canned reply.", description="What the echo teacher says.")
    reasoning: Shape = Field(
        "none",
        description="Thinking: none; in reasoning_content (field) or reasoning (short_field); in"
        " <think> tags; with the closing tag only (closing); in [THINK] (brackets); as a harmony"
        " channel (channels); or with the answer beside it in reasoning_content (swallowed).",
    )
    latency: float = Field(
        0.0, ge=0, allow_inf_nan=False, description="Mean seconds to answer; lognormal."
    )
    sigma: float = Field(0.5, ge=0, le=10, description="Spread of the logarithm of the latency.")
    slots: int = Field(64, gt=0, description="Requests served at the same time.")
    queue: int | None = Field(
        None,
        ge=0,
        description="Requests that may wait for a slot; more get 429. No limit if unset.",
    )
    retry_after: float = Field(1.0, ge=0, description="Seconds a 429 asks to wait.")
    fail_containing: str = Field(
        "", description="Requests whose messages contain this text always get 500."
    )
    slow_body_seconds: float = Field(2.0, ge=0, description="Seconds a slow body takes.")
    context: int | None = Field(
        None, gt=0, description="Tokens of prompt and answer together; a longer request gets 400."
    )
    cache_blocks: int = Field(
        0, ge=0, description="Prefix cache, in blocks of 16 tokens; 0 counts no cached tokens."
    )
    seed: int = Field(0, description="Of latencies and faults.")
    down: bool = Field(False, description="An outage: every connection is reset.")
    faults: dict[Fault, Share] = Field(
        {},
        description=f"A fault and its rate, e.g. reset=0.05: {', '.join(FAULTS)}. Repeatable.",
    )

    @field_validator("faults")
    @classmethod
    def _at_most_one_fault(cls, faults: dict[Fault, float]) -> dict[Fault, float]:
        total = sum(faults.values())
        if total > 1 + 1e-9:
            raise ValueError(f"the rates add up to {total:g}, more than 1")
        return faults


def settings_from(values: Mapping[str, object]) -> SimulatorSettings:
    """Raises ValueError, with the first problem in one line."""
    try:
        return SimulatorSettings.model_validate(values)
    except ValidationError as error:
        problem = error.errors()[0]
        name = ".".join(str(key) for key in problem["loc"] if key != "[key]")
        raise ValueError(f"{name}: {problem['msg'].removeprefix('Value error, ')}") from None
