"""The client of any OpenAI-compatible chat endpoint.

It knows HTTP and the chat completions protocol; not steps, not the journal. Every failure is
classified here, once: AuthError (the run stops), a retryable ProviderError (asked again here, up to
`attempts` times), a final ProviderError (this request can never be answered). The key never appears
in an error. Waiting to ask again holds no slot.
"""

from __future__ import annotations

import email.utils
import json
import random
import time
from collections.abc import Mapping
from types import TracebackType
from typing import Any

import aiohttp
import anyio
import orjson

from closedbook.config.settings import EndpointTeacher
from closedbook.errors import AuthError, ClosedbookError, ProviderError
from closedbook.models.attempts import Attempt, note_attempt
from closedbook.models.chat import ChatRequest
from closedbook.models.thinking import split_thinking
from closedbook.records import Completion

CONNECT_SECONDS = 30.0
LONGEST_WAIT = 300.0
"""Seconds; a longer Retry-After is cut to this."""
RETRYABLE = frozenset({408, 409, 425, 429})
SHOWN_CHARACTERS = 300


class Endpoint:
    """A ChatModel over HTTP; use as `async with Endpoint(settings) as model`.

    `first_wait` is the mean number of seconds before the second attempt; it doubles each time.
    """

    def __init__(self, settings: EndpointTeacher, *, first_wait: float = 1.0) -> None:
        self._settings = settings
        self._url = settings.base_url.rstrip("/")
        self._first_wait = first_wait
        self._session: aiohttp.ClientSession | None = None
        self._slots = anyio.Semaphore(settings.concurrency)

    async def __aenter__(self) -> Endpoint:
        key = self._settings.api_key
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0),
            timeout=aiohttp.ClientTimeout(
                total=self._settings.timeout, sock_connect=CONNECT_SECONDS
            ),
            headers={"Authorization": f"Bearer {key}"} if key else {},
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    @property
    def identity(self) -> str:
        """Model and revision, and the sampling this endpoint adds to a request; never the URL."""
        settings = self._settings
        name = f"{settings.model}@{settings.revision}" if settings.revision else settings.model
        sampling = {
            "temperature": settings.temperature,
            "top_p": settings.top_p,
            "max_tokens": settings.max_tokens,
        }
        added = [f"{key}={value}" for key, value in sampling.items() if value is not None]
        return f"{name} ({', '.join(added)})" if added else name

    async def complete(self, request: ChatRequest) -> Completion:
        """The answer to `request`. Raises AuthError, or ProviderError when the last attempt failed
        or no further one can help."""
        body = orjson.dumps(self._body(request))
        for attempt in range(1, self._settings.attempts):
            try:
                return await self._attempt(body)
            except ProviderError as error:
                if not error.retryable:
                    raise
                await anyio.sleep(self._wait(attempt, error.retry_after))
        return await self._attempt(body)

    async def probe(self) -> str | None:
        """What is wrong with this endpoint, in one line; None if it serves the model (or does not
        list what it serves). Asks the model nothing."""
        try:
            reply = await self._exchange("GET", "/models", None)
        except ClosedbookError as error:
            unlisted = isinstance(error, ProviderError) and error.message.startswith(("404", "405"))
            return None if unlisted else f"{self._url}: {error}"
        listed = reply.get("data")
        served = [item.get("id") for item in listed or [] if isinstance(item, dict)]
        if not served or self._settings.model in served:
            return None
        names = ", ".join(map(str, served[:5])) + (", ..." if len(served) > 5 else "")
        return f"{self._url}: does not serve {self._settings.model!r} (it serves: {names})"

    def _body(self, request: ChatRequest) -> dict[str, Any]:
        asked, settings = request.sampling, self._settings
        body: dict[str, Any] = {
            "model": settings.model,
            "messages": [{"role": turn.role, "content": turn.content} for turn in request.messages],
        }
        for name in ("temperature", "top_p", "max_tokens"):
            wanted = getattr(asked, name)
            value = getattr(settings, name) if wanted is None else wanted
            if value is not None:
                body[name] = value
        return body

    def _wait(self, attempt: int, retry_after: float | None) -> float:
        """Seconds: exponential with jitter, and never earlier than the endpoint asked for."""
        backoff = self._first_wait * 2.0 ** (attempt - 1) * random.uniform(0.5, 1.5)
        return min(LONGEST_WAIT, max(backoff, retry_after or 0.0))

    async def _attempt(self, body: bytes) -> Completion:
        async with self._slots:
            started = time.monotonic()
            outcome = "cancelled"
            try:
                completion = _completion(await self._exchange("POST", "/chat/completions", body))
                outcome = "ok"
            except ClosedbookError as error:
                outcome = error.message
                raise
            finally:
                note_attempt(Attempt(outcome, time.monotonic() - started))
        return completion

    async def _exchange(self, method: str, path: str, body: bytes | None) -> dict[str, Any]:
        if self._session is None:
            raise RuntimeError("use `async with Endpoint(settings) as model`")
        headers = {"Content-Type": "application/json"} if body is not None else {}
        try:
            async with self._session.request(
                method, self._url + path, data=body, headers=headers
            ) as response:
                content = await response.read()
        except TimeoutError:
            message = f"no answer within {self._settings.timeout:g} s"
            raise ProviderError(message, retryable=True) from None
        except (aiohttp.ClientError, OSError) as error:
            message = f"connection failed: {self._safe(str(error) or type(error).__name__)}"
            raise ProviderError(message, retryable=True) from None
        if response.status != 200:
            raise self._failure(response.status, response.headers, content)
        return self._object(content)

    def _object(self, content: bytes) -> dict[str, Any]:
        """The JSON object of a reply; what is none (an HTML page of a proxy) may pass."""
        try:
            reply = _loads(content)
        except ValueError:
            reply = None
        if not isinstance(reply, dict) or reply.get("error"):
            message = f"not a chat completion: {self._safe(content.decode('utf-8', 'replace'))}"
            raise ProviderError(message, retryable=True)
        return reply

    def _failure(self, status: int, headers: Mapping[str, str], content: bytes) -> ClosedbookError:
        message = f"{status}: {self._safe(_reason(content))}"
        if status in (401, 403):
            return AuthError(message, hint="check teacher.api_key and teacher.base_url")
        retryable = status in RETRYABLE or status >= 500
        retry_after = _seconds(headers.get("Retry-After", ""))
        return ProviderError(message, retryable=retryable, retry_after=retry_after)

    def _safe(self, text: str) -> str:
        """One line of `text`, without the key."""
        if self._settings.api_key:
            text = text.replace(self._settings.api_key, "***")
        return " ".join(text.split())[:SHOWN_CHARACTERS]


def _loads(content: bytes) -> Any:
    """orjson refuses lone surrogates, which models do produce; the slower parser takes them."""
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError:
        return json.loads(content)


def _completion(reply: Mapping[str, Any]) -> Completion:
    try:
        choice = reply["choices"][0]
        message = choice["message"]
        text = _text(message.get("content"))
        reasoning = _text(message.get("reasoning_content") or message.get("reasoning"))
        usage = reply.get("usage") or {}
        tokens = [usage.get(name) for name in ("prompt_tokens", "completion_tokens")]
    except (KeyError, IndexError, TypeError, AttributeError):
        raise ProviderError("not a chat completion: no message in it", retryable=True) from None
    finish_reason = str(choice.get("finish_reason") or "stop")
    if not reasoning:
        reasoning, text = split_thinking(text)
    counted = [count if isinstance(count, int) else None for count in tokens]
    return Completion(text.strip(), reasoning.strip(), finish_reason, *counted)


def _text(content: Any) -> str:
    """Content is a text, null, or a list of parts of which some are text."""
    if isinstance(content, list):
        return "".join(_text(part.get("text")) for part in content)
    return content if isinstance(content, str) else ""


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
    except ValueError:
        return None
