"""What a request body asks for, and the chances drawn for it.

Knows the chat completions protocol as a server reads it, not how a reply is made. Chance is a hash
of what is asked, so that all clients and runs that ask the same meet the same latency and faults.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any, cast

import orjson

from closedbook.records import Message
from closedbook.records.completion import Role
from closedbook.simulator.settings import FAULTS, Fault, SimulatorSettings

SAMPLING = (
    *("temperature", "top_p", "top_k", "min_p", "max_tokens", "max_completion_tokens"),
    *("presence_penalty", "frequency_penalty", "stop", "n", "seed"),
)
MOST_CHOICES = 128


class BadRequest(ValueError):
    """What a server answers with 400; the message says what is wrong."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One request. `key` is a hash of model, messages and sampling; `choices` is the body's `n`."""

    key: bytes
    model: str
    messages: tuple[Message, ...]
    max_tokens: int | None
    seed: int
    choices: int

    @property
    def prompt(self) -> str:
        """The conversation as one text, as a chat template would make it."""
        return "".join(f"{turn.role}\n{turn.content}\n" for turn in self.messages)


def read_request(content: bytes) -> Asked:
    """Raises BadRequest."""
    body = read_object(content)
    model, turns = body.get("model"), body.get("messages")
    if not isinstance(model, str):
        raise BadRequest("model: a text is required")
    if not isinstance(turns, list) or not turns:
        raise BadRequest("messages: a list of at least one message is required")
    if body.get("stream"):
        raise BadRequest("stream: this simulator does not stream")
    sampling = {name: body[name] for name in SAMPLING if body.get(name) is not None}
    limit = sampling.get("max_completion_tokens", sampling.get("max_tokens"))
    canonical = orjson.dumps([model, turns, sampling], option=orjson.OPT_SORT_KEYS)
    return Asked(
        key=hashlib.blake2b(canonical, digest_size=16).digest(),
        model=model,
        messages=tuple(_message(turn) for turn in turns),
        max_tokens=None if limit is None else whole("max_tokens", limit, 1),
        seed=whole("seed", sampling.get("seed", 0)),
        choices=whole("n", sampling.get("n", 1), 1, MOST_CHOICES),
    )


def read_object(content: bytes) -> dict[str, Any]:
    """The JSON object a body holds. Raises BadRequest."""
    try:
        body = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise BadRequest(f"the body is not JSON: {error}") from None
    if not isinstance(body, dict):
        raise BadRequest("the body must be a JSON object")
    return body


def _message(turn: Any) -> Message:
    if not isinstance(turn, Mapping) or not isinstance(turn.get("role"), str):
        raise BadRequest("messages: every message needs a role and a content")
    return Message(cast("Role", turn["role"]), _text(turn.get("content")))


def _text(content: Any) -> str:
    """Content is a text, nothing (a turn that only calls tools), or a list of parts."""
    if content is None or isinstance(content, str):
        return content or ""
    if not isinstance(content, list) or not all(isinstance(part, dict) for part in content):
        raise BadRequest("messages: content must be a text or a list of parts")
    return "".join(str(part.get("text", "")) for part in content)


def whole(name: str, value: Any, least: float = -math.inf, most: float = math.inf) -> int:
    """Raises BadRequest if it is no whole number within the bounds."""
    if type(value) is not int or not least <= value <= most:
        raise BadRequest(f"{name}: {value!r} is not allowed")
    return value


def latency(asked: Asked, settings: SimulatorSettings) -> float:
    """Seconds, lognormal with the mean of the settings (hence the - sigma^2 / 2)."""
    if not settings.latency or not settings.sigma:
        return settings.latency
    normal = NormalDist(-(settings.sigma**2) / 2, settings.sigma)
    return settings.latency * math.exp(normal.inv_cdf(_chance(settings.seed, "latency", asked.key)))


def fault_of(asked: Asked, attempt: int, settings: SimulatorSettings) -> Fault | None:
    """What befalls this attempt of the request; the next may be luckier."""
    text = settings.fail_containing
    if text and any(text in turn.content for turn in asked.messages):
        return "server_error"
    if not settings.faults:
        return None
    left = _chance(settings.seed, f"fault {attempt}", asked.key)
    for fault in FAULTS:
        left -= settings.faults.get(fault, 0.0)
        if left < 0:
            return fault
    return None


def _chance(seed: int, purpose: str, key: bytes) -> float:
    """Between 0 and 1, both excluded: 52 bits and a half are exact in a float."""
    digest = hashlib.blake2b(f"{seed} {purpose} ".encode() + key, digest_size=8).digest()
    return ((int.from_bytes(digest) >> 12) + 0.5) / 2**52
