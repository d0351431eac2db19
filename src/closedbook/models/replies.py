"""What a reply of an OpenAI-compatible endpoint says: an answer, or why there is none.

Knows statuses and JSON, not connections. Here every failure is classified, once. Whatever is quoted
from a reply is one line, short, and without secrets.
"""

from __future__ import annotations

import email.utils
import html
import json
import re
import time
from base64 import b64encode
from collections.abc import Mapping
from enum import Enum, auto
from functools import lru_cache
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import orjson

from closedbook.errors import AuthError, ProviderError
from closedbook.hints import addresses_shown
from closedbook.models.http import Reply
from closedbook.models.profiles import Thinking
from closedbook.models.thinking import ANY, tell_apart
from closedbook.records import Completion
from closedbook.store.journal import storable

SHOWN_CHARACTERS = 300
Secrets = re.Pattern[str] | None
"""What no message may hold."""
SHORTEST_SECRET = 4
"""A key of "x" protects nothing, and would take the letter out of every message."""
ESCAPE = re.compile("%[0-9A-F]{2}")
CONTROL = re.compile(r"[\x01-\x1f\x7f-\x9f]")


class Outcome(Enum):
    """What came of one request sent to one replica."""

    __hash__ = object.__hash__  # each is one object; that of Enum is Python, at every request

    SERVED = auto()
    BUSY = auto()  # 429
    OVERLOADED = auto()  # 503
    BROKEN = auto()  # another 5xx
    UNREACHABLE = auto()  # no connection: nothing was sent
    CUT_OFF = auto()  # the connection broke
    TIMED_OUT = auto()
    UNUSABLE = auto()  # 408, 409, 424, 425, a page of a proxy, half an answer
    MISPLACED = auto()  # 404, 405, 410: whatever is asked here; in vain now, not for good
    DECLINED = auto()  # this request, for good


STATUSES = {
    404: Outcome.MISPLACED,
    405: Outcome.MISPLACED,
    408: Outcome.UNUSABLE,
    409: Outcome.UNUSABLE,
    410: Outcome.MISPLACED,
    424: Outcome.UNUSABLE,  # TGI: failed while it generated
    425: Outcome.UNUSABLE,
    429: Outcome.BUSY,
    498: Outcome.BUSY,  # Groq: no capacity
    501: Outcome.DECLINED,
    503: Outcome.OVERLOADED,
    505: Outcome.DECLINED,
}

TOO_LONG = re.compile(
    r"maximum (?:context|model) len\w* (?:is|of) (\d+)"  # vLLM, OpenAI
    r"|context length \((\d+)"  # SGLang
    r"|max_new_tokens. must be <= (\d+)"  # TGI
    r"|context_length_exceeded|(?:context|prompt) (?:length|size|window|is too long)"
    r"|exceeds? (?:the )?(?:available |maximum )?context|longer than the maximum model length",
    re.IGNORECASE,
)
"""How servers say that a request does not fit; a group is the length they take, if they name it."""
FLAGGED = re.compile(r"\bflagged\b|moderation|content[ _]?(?:policy|filter)", re.IGNORECASE)
"""How a 403 says that it means what this request holds, and not the key."""
CUT_OFF_BY_LENGTH = frozenset({"max_tokens", "MAX_TOKENS", "model_length"})
"""What `length` is called elsewhere."""
BROKEN_OFF = frozenset({"error", "abort", "cancelled"})
"""Reasons with which a server ends an answer that it could not finish."""


class Failure(ProviderError):
    """A ProviderError that tells its kind: `outcome` is never SERVED, `status` is the reply's, or
    None if there was none that said what happened."""

    def __init__(
        self,
        message: str,
        outcome: Outcome,
        *,
        status: int | None = None,
        retry_after: float | None = None,
        hint: str = "",
    ) -> None:
        retryable = outcome is not Outcome.DECLINED
        super().__init__(message, retryable=retryable, retry_after=retry_after, hint=hint)
        self.outcome = outcome
        self.status = status


def failure_of(reply: Reply, secrets: Secrets, url: str) -> Failure | AuthError:
    """What a reply that is not 200 says."""
    status = reply.status
    message = shown(_reason(reply.content), secrets)
    if not re.match(rf"{status}\b", message):
        message = f"{status}: {message}"
    if status == 402:
        return AuthError(message, hint="once that is paid, run again: every answer is kept")
    if status == 401 or (status == 403 and not FLAGGED.search(message)):
        return AuthError(message, hint="check api_key and base_url of this model")
    if status in (400, 413, 422) and (context := TOO_LONG.search(message)):
        length = next(filter(None, context.groups()), "the tokens the model takes")
        hint = f"prompt and answer are too long: set teacher.context: {length}, so that long"
        hint += " documents are split, and teacher.max_tokens to what an answer needs"
        return Failure(message, Outcome.DECLINED, status=status, hint=hint)
    if 300 <= status < 400 and (there := reply.header("Location")):
        moved = f"{status}: moved to {shown(addresses_shown(there), secrets)}"
        return Failure(moved, Outcome.DECLINED, status=status, hint="set base_url as it is there")
    retry_after = _seconds(reply.header("Retry-After"))
    hint = f"{addresses_shown(url)}: check base_url and model" if status == 404 else ""
    return Failure(message, _outcome(status), status=status, retry_after=retry_after, hint=hint)


def read_object(content: bytes, secrets: Secrets) -> dict[str, Any]:
    """The JSON object of a reply; a list is its `results` (one kind of reranker gives that). Raises
    Failure for anything else (an HTML page of a proxy) and for an object that is an error: gateways
    put the status of the server behind them into it. Neither a page nor an error was generated."""
    try:
        reply = _loads(content)
    except ValueError:
        reply = None
    if isinstance(reply, list):
        return {"results": reply}
    if isinstance(reply, dict) and not reply.get("error"):
        return reply
    status = _status_within(reply)
    outcome = _outcome(status) if status else Outcome.UNUSABLE
    page = content.lstrip().startswith(b"<")
    if page or (isinstance(reply, dict) and "choices" not in reply):
        status = status or 200
    hint = "a web page: check base_url" if page else ""
    text = content.decode("utf-8", "replace")
    message = f"not a chat completion: {shown(text, secrets)}"
    raise Failure(message, outcome, status=status, hint=hint)


def read_completion(
    reply: Mapping[str, Any], shape: Thinking = ANY, wanted: bool | None = None
) -> Completion:
    """The answer in a reply, thinking apart: `shape` is how the model thinks, `wanted` whether it
    was asked to. Raises Failure if there is no message in it, or one the server broke off."""
    try:
        choice = reply["choices"][0]
        message = choice["message"]
        text = _text(message.get("content"))
        apart = _thoughts(message)
    except (KeyError, IndexError, TypeError, AttributeError):
        message = "not a chat completion: no message in it"
        raise Failure(message, Outcome.UNUSABLE) from None
    tokens = counted(reply, "prompt_tokens"), counted(reply, "completion_tokens")
    finish_reason = str(choice.get("finish_reason") or "stop")
    if choice.get("error") or finish_reason in BROKEN_OFF:
        # What the error says is not quoted: nobody has taken the key out of it.
        raise Failure("the server broke off the answer", Outcome.UNUSABLE)
    if finish_reason in CUT_OFF_BY_LENGTH:
        finish_reason = "length"
    finished = finish_reason != "length"
    reasoning, text = tell_apart(text, apart, finished=finished, shape=shape, wanted=wanted)
    return Completion(text, reasoning, finish_reason, *tokens)


def shown(text: str, secrets: Secrets = None) -> str:
    """One line of `text`, without the secrets and without what steers a terminal."""
    if secrets:
        text = secrets.sub("***", text)
    return storable(" ".join(CONTROL.sub(" ", text).split())[:SHOWN_CHARACTERS])


@lru_cache
def secrets_of(key: str, url: str) -> Secrets:
    """The key and the login of an address, as they are and as they stand in JSON, HTML, addresses
    and headers; None if there are none."""
    login = unquote(urlsplit(url).netloc.rpartition("@")[0])
    password = login.partition(":")[2]
    ways: set[str] = set()
    for secret in (key, login, password, b64encode(login.encode()).decode()):
        within_json = json.dumps(secret)[1:-1]
        ways |= {secret, within_json, within_json.replace("/", "\\/"), html.escape(secret)}
        for quoted in (quote(secret), quote(secret, safe="")):
            ways |= {quoted, ESCAPE.sub(lambda escape: escape[0].lower(), quoted)}
    long_enough = [way for way in ways if len(way) >= SHORTEST_SECRET]
    longest_first = sorted(long_enough, key=len, reverse=True)
    return re.compile("|".join(map(re.escape, longest_first))) if longest_first else None


def counted(reply: Mapping[str, Any], name: str) -> int | None:
    """A count of tokens in a reply; None if there is none, or one that cannot be (and might not fit
    the journal)."""
    usage = reply.get("usage")
    count = usage.get(name) if isinstance(usage, dict) else None
    return count if type(count) is int and 0 <= count < 2**53 else None


def _outcome(status: int) -> Outcome:
    return STATUSES.get(status, Outcome.BROKEN if status >= 500 else Outcome.DECLINED)


def _status_within(reply: object) -> int | None:
    """The HTTP status that the body of a reply 200 tells as `error.code`."""
    error = reply.get("error") if isinstance(reply, dict) else None
    code = error.get("code") if isinstance(error, dict) else None
    return int(str(code)) if re.fullmatch(r"[45]\d\d", str(code)) else None


def _loads(content: bytes) -> Any:
    """orjson refuses lone surrogates, which models do produce; the slower parser takes them."""
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError:
        try:
            return json.loads(content)
        except RecursionError:
            raise ValueError("nested too deeply") from None


def _text(content: Any) -> str:
    """Content is a text, null, or a list of parts of which some are text."""
    if isinstance(content, list):
        return "".join(
            part if isinstance(part, str) else _text(part.get("text")) for part in content
        )
    return content if isinstance(content, str) else ""


def _thoughts(message: Mapping[str, Any]) -> str:
    """What a message gives apart from its text: vLLM, SGLang and DeepSeek in `reasoning_content`;
    newer vLLM, OpenRouter and Together in `reasoning`; Mistral in parts of the content."""
    apart = _text(message.get("reasoning_content") or message.get("reasoning"))
    content = message.get("content")
    if not isinstance(content, list):
        return apart
    typed = [part for part in content if isinstance(part, dict) and part.get("type") == "thinking"]
    return "\n".join(filter(None, (apart, *(_text(part.get("thinking")) for part in typed))))


def _reason(content: bytes) -> str:
    """What an error reply says: OpenAI's `error.message`, FastAPI's `detail`, or all of it."""
    text = content.decode("utf-8", "replace")
    try:
        reply = _loads(content)
    except ValueError:
        return text
    if isinstance(reply, dict):
        error = reply.get("error", reply)
        if isinstance(error, dict):
            return str(error.get("message") or error.get("detail") or text)
        return str(error)
    return text


def _seconds(retry_after: str) -> float | None:
    """Retry-After in seconds: it is a number, or a date."""
    try:
        return max(0.0, float(retry_after))
    except ValueError:
        pass
    try:
        return max(0.0, email.utils.parsedate_to_datetime(retry_after).timestamp() - time.time())
    except (ValueError, OverflowError):
        return None
