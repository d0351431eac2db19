"""JSON over HTTP: one request, one reply, every failure classified by `replies`.

Knows addresses, the key and timeouts; not what is asked, nor when to ask again. The key never
appears in an error.
"""

from __future__ import annotations

from collections.abc import Awaitable
from contextlib import AbstractAsyncContextManager
from typing import Any

from closedbook.errors import UserError
from closedbook.hints import addresses_shown
from closedbook.models.deadlines import Deadlines
from closedbook.models.http import Connections, CutOff, Unreachable
from closedbook.models.replies import Failure, Outcome, failure_of, read_object, secrets_of, shown

LOOK_SECONDS = 10.0
"""The longest time to wait for a list of models."""
UNMISTAKABLE = 20
"""A key of so many characters is taken out of answers too; a shorter one ("EMPTY", "ollama") may be
a word that an answer is about."""


class Client(AbstractAsyncContextManager["Client"]):
    """Use as `async with Client(key, seconds) as client`; an answer may take `seconds`.

    Both methods return the JSON object that is the reply, and raise AuthError or Failure. Raises
    UserError for a key that no header can hold.
    """

    def __init__(self, key: str, seconds: float) -> None:
        if not (key.isascii() and key.isprintable()):
            raise UserError("api_key holds what no HTTP header may: a line break, or not ASCII")
        self._key = key
        self._unmistakable = key.encode() if len(key) >= UNMISTAKABLE else b""
        self._asking = Deadlines(seconds)
        self._looking = Deadlines(LOOK_SECONDS)
        headers = {"User-Agent": "closedbook", "Content-Type": "application/json"}
        if key:
            headers["Authorization"] = f"Bearer {key}"
        self._connections = Connections(headers)

    async def __aenter__(self) -> Client:
        await self._connections.__aenter__()
        return self

    async def __aexit__(self, *exit_: object) -> None:
        await self._connections.__aexit__(*exit_)

    def post(self, url: str, body: bytes) -> Awaitable[dict[str, Any]]:
        return self._exchange("POST", url, body, self._asking)

    def get(self, url: str) -> Awaitable[dict[str, Any]]:
        return self._exchange("GET", url, b"", self._looking)

    async def _exchange(
        self, method: str, url: str, body: bytes, limit: Deadlines
    ) -> dict[str, Any]:
        try:
            with limit:
                reply = await self._connections.exchange(method, url, body)
        except Unreachable as error:
            hint = f"is anything serving {addresses_shown(url)}?"
            message = f"connection failed: {shown(str(error))}"
            raise Failure(message, Outcome.UNREACHABLE, hint=hint) from None
        except CutOff as error:
            raise Failure(f"connection broken: {shown(str(error))}", Outcome.CUT_OFF) from None
        except TimeoutError:
            message = f"no answer within {limit.seconds:g} s"
            raise Failure(message, Outcome.TIMED_OUT) from None
        secrets = secrets_of(self._key, url)
        if reply.status != 200:
            raise failure_of(reply, secrets, url)
        content = reply.content
        if self._unmistakable and self._unmistakable in content:
            content = content.replace(self._unmistakable, b"***")
        return read_object(content, secrets)
