"""Who is asked: `teacher`, `models`, and what that may cost (`budget`)."""

from __future__ import annotations

import re
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field, PositiveFloat, PositiveInt

from closedbook.config.section import Settings

ADDRESS = re.compile(r"https?://[^/\s][^\s?#]*")
METHOD = re.compile(r"/(chat/completions|completions|embeddings|rerank)/?$")
"""What a client puts behind an endpoint's address, and no address is known to end with."""


class RehearsalTeacher(Settings):
    """The built-in rule-based stand-in: no key, no network, not a language model."""

    kind: Literal["rehearsal"]


class Price(Settings):
    """USD per million tokens."""

    prompt: Annotated[float, Field(ge=0)]
    completion: Annotated[float, Field(ge=0)]

    def cost(self, prompt_tokens: int | None, completion_tokens: int | None) -> float | None:
        """USD; None if a count is unknown, for what is unknown is not free."""
        if prompt_tokens is None or completion_tokens is None:
            return None
        return (prompt_tokens * self.prompt + completion_tokens * self.completion) / 1e6


def addresses_of(given: object) -> str | tuple[str, ...]:
    """One address or several, each once. Errors do not show them: a password may be in one."""
    listed = given if isinstance(given, list | tuple) else [given]
    urls = tuple(url for url in listed if isinstance(url, str) and _is_address(url))
    if not listed or len(urls) < len(listed):
        raise ValueError(
            "an address beginning with http:// or https://, without blanks, ? and #, or a list of"
            " them"
        )
    if method := next(filter(None, map(METHOD.search, urls)), None):
        raise ValueError(f"the address ends before {method[0]!r}, which is a method's name")
    if len({url.rstrip("/") for url in urls}) < len(urls):
        raise ValueError("the same address twice")
    return urls if isinstance(given, list | tuple) else urls[0]


def _is_address(url: str) -> bool:
    """Whether it names a host, and a port if any; what comes after them is the server's."""
    try:
        parts = urlsplit(url)
        named = (parts.hostname or "").encode("idna") and parts.port != 0
    except ValueError:
        return False
    return bool(named and ADDRESS.fullmatch(url))


class EndpointTeacher(Settings):
    """Any OpenAI-compatible chat endpoint, at one address or several replicas of it.

    `concurrency` bounds the requests in flight per replica. `timeout` is in seconds for one
    attempt, `give_up_after` from a request's first. `profile` names what is known of its family;
    `context` is in tokens, prompt and answer together; with `takes_top_k` the profile's `top_k` and
    `min_p` are sent too.
    """

    kind: Literal["endpoint"]
    base_url: Annotated[str | tuple[str, ...], BeforeValidator(addresses_of)]
    model: str = Field(min_length=1)
    revision: str = ""
    api_key: str = Field(default="", repr=False)
    concurrency: PositiveInt = 64
    timeout: PositiveFloat = 600.0
    attempts: PositiveInt = 8
    give_up_after: PositiveFloat = 600.0
    price: Price | None = None
    temperature: float | None = None
    top_p: float | None = None
    max_tokens: PositiveInt | None = None
    profile: str | None = None
    thinking: bool | None = None
    context: Annotated[int, Field(ge=1024)] | None = None
    takes_top_k: bool = False

    @property
    def addresses(self) -> tuple[str, ...]:
        """The replicas' base URLs, without a slash at the end."""
        given = (self.base_url,) if isinstance(self.base_url, str) else self.base_url
        return tuple(url.rstrip("/") for url in given)


Teacher = Annotated[RehearsalTeacher | EndpointTeacher, Field(discriminator="kind")]


class Caps(Settings):
    """The most a project may spend on its teacher, all runs together. `usd` needs the teacher's
    price; `tokens` counts prompts and answers; None is no cap."""

    usd: PositiveFloat | None = None
    tokens: PositiveInt | None = None
    requests: PositiveInt | None = None
