"""JSON over HTTP: one request, one reply, every failure classified by `replies`.

Knows addresses, the key and timeouts; not what is asked, nor when to ask again. The key never
appears in an error.
"""

from __future__ import annotations

from collections.abc import Awaitable
from types import TracebackType
from typing import Any, Self

import aiohttp

from closedbook.hints import addresses_shown
from closedbook.models.deadlines import Deadlines
from closedbook.models.replies import Failure, Outcome, failure_of, read_object, shown

CONNECT_SECONDS = 30.0
LOOK_SECONDS = 10.0
"""The longest time to wait for a list of models."""


class Client:
    """Use as `async with Client(key, seconds) as client`; an answer may take `seconds`.

    Both methods return the JSON object that is the reply, and raise AuthError or Failure.
    """

    def __init__(self, key: str, seconds: float) -> None:
        self._key = key
        self._asking = Deadlines(seconds)
        self._looking = Deadlines(LOOK_SECONDS)
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        headers = {"Content-Type": "application/json"}
        if self._key:
            headers["Authorization"] = f"Bearer {self._key}"
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0),
            cookie_jar=aiohttp.DummyCookieJar(),
            headers=headers,
            timeout=aiohttp.ClientTimeout(None, sock_connect=CONNECT_SECONDS),
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

    def post(self, url: str, body: bytes) -> Awaitable[dict[str, Any]]:
        return self._exchange("POST", url, body, self._asking)

    def get(self, url: str) -> Awaitable[dict[str, Any]]:
        return self._exchange("GET", url, None, self._looking)

    async def _exchange(
        self, method: str, url: str, body: bytes | None, limit: Deadlines
    ) -> dict[str, Any]:
        if self._session is None:
            raise RuntimeError("use it as a context manager: async with ...")
        try:
            with limit:
                response = await self._session.request(method, url, data=body)
                content = await response.read()
        except aiohttp.ConnectionTimeoutError:
            message = f"connection failed: none within {CONNECT_SECONDS:g} s"
            raise Failure(message, Outcome.UNREACHABLE) from None
        except TimeoutError:
            message = f"no answer within {limit.seconds:g} s"
            raise Failure(message, Outcome.TIMED_OUT) from None
        except aiohttp.ClientConnectorError as error:
            message = f"connection failed: {self._shown(error.os_error.strerror or str(error))}"
            hint = f"is anything serving {addresses_shown(url)}?"
            raise Failure(message, Outcome.UNREACHABLE, hint=hint) from None
        except (aiohttp.ClientError, OSError) as error:
            message = f"connection broken: {self._shown(str(error) or type(error).__name__)}"
            raise Failure(message, Outcome.CUT_OFF) from None
        if response.status != 200:
            raise failure_of(response.status, response.headers, content, self._key)
        return read_object(content, self._key)

    def _shown(self, text: str) -> str:
        return shown(text, self._key)
