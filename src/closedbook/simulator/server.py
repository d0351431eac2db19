"""The simulator as an HTTP server: `async with Simulator(settings) as simulator: simulator.url`.

Knows HTTP, its errors and how sending goes wrong; not how replies are made.
"""

from __future__ import annotations

import struct
from collections.abc import Awaitable, Callable
from socket import SO_LINGER, SOL_SOCKET
from types import TracebackType
from typing import Any

import anyio
import orjson
from aiohttp import web

from closedbook.simulator import replies, retrieving
from closedbook.simulator.asked import BadRequest, read_object, read_request
from closedbook.simulator.model import Reply, SimulatedModel
from closedbook.simulator.settings import Fault, SimulatorSettings

LARGEST_BODY = 1 << 28
"""Bytes."""
SHUTDOWN_SECONDS = 0.1
SLOW_PIECES = 20
Answer = Callable[[web.Request, bytes], Awaitable[web.StreamResponse]]
"""To a request with its body; raises BadRequest."""


class Simulator:
    """Serves while it is entered; port 0 takes a free one.

    `reply(messages, seed)` answers in place of the teacher, once per choice: the seed is the
    request's (0 without one) plus the index of the choice.
    """

    def __init__(
        self,
        settings: SimulatorSettings | None = None,
        *,
        reply: Reply | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
    ) -> None:
        self._model = SimulatedModel(settings or SimulatorSettings(), reply)
        self._address = host, port
        app = web.Application(client_max_size=LARGEST_BODY)
        app.router.add_get("/stats", self._get_stats)
        app.router.add_post("/stats/reset", self._post_reset)
        app.router.add_post("/control", self._post_control)
        # As vLLM does: a client that leaves out the version gets 404.
        app.router.add_get("/v1/models", self._get_models)
        app.router.add_post("/v1/chat/completions", self._counted(self._chat))
        app.router.add_post("/v1/embeddings", self._counted(_embeddings))
        app.router.add_post("/{version:(?:v[12]/)?}rerank", self._counted(_ranking))
        self._runner = web.AppRunner(
            app,
            access_log=None,
            # A client that gives up leaves the queue or frees its slot, as with real servers.
            handler_cancellation=True,
            shutdown_timeout=SHUTDOWN_SECONDS,
        )

    async def __aenter__(self) -> Simulator:
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, *self._address).start()
        except OSError:
            await self._runner.cleanup()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        with anyio.CancelScope(shield=True):
            await self._runner.cleanup()

    @property
    def url(self) -> str:
        """The base URL for clients, with /v1."""
        host, port = self._runner.addresses[0][:2]
        return f"http://[{host}]:{port}/v1" if ":" in host else f"http://{host}:{port}/v1"

    @property
    def settings(self) -> SimulatorSettings:
        return self._model.settings

    def change(self, **changes: object) -> None:
        """Replace some settings while serving. Raises ValueError if they cannot be."""
        self._model.change(changes)

    def stats(self) -> dict[str, Any]:
        """What GET /stats gives; `Stats.report` explains it."""
        return self._model.stats.report(self._model.waiting)

    def reset(self) -> None:
        """As if just started: counts, attempts and cached prefixes go, settings stay."""
        self._model.reset()

    async def _get_stats(self, request: web.Request) -> web.Response:
        """With `?until=N` also how many slots were busy until N requests had taken one."""
        try:
            until = int(request.query.get("until", 0))
        except ValueError:
            return _error(400, "BadRequestError", "until: a number of requests is required")
        return _json({**self.stats(), "mean_busy_until": self._model.stats.mean_busy_until(until)})

    async def _post_reset(self, _: web.Request) -> web.Response:
        self.reset()
        return _json(self.stats())

    async def _post_control(self, request: web.Request) -> web.Response:
        try:
            self._model.change(read_object(await request.read()))
        except ValueError as error:
            return _error(400, "BadRequestError", str(error))
        return _json(self.settings.model_dump(exclude={"api_key"}))

    async def _get_models(self, request: web.Request) -> web.Response:
        return self._refusal(request) or _json(
            replies.models(self.settings.model, self.settings.context)
        )

    def _counted(self, answer: Answer) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        """A handler whose requests are counted, and refused where they are no requests."""

        async def post(request: web.Request) -> web.StreamResponse:
            self._model.stats.arrived()
            outcome = "abandoned"
            try:
                content = await request.read()
                response = self._refusal(request) or await answer(request, content)
                outcome = "reset" if _is_cut(request) else str(response.status)
            except BadRequest as error:
                response, outcome = _error(400, "BadRequestError", str(error)), "400"
            except Exception:
                outcome = "500"  # a `reply` of the user's that raises; aiohttp answers and logs it
                raise
            finally:
                self._model.stats.left(outcome)
            return response

        return post

    async def _chat(self, request: web.Request, content: bytes) -> web.StreamResponse:
        asked = read_request(content)
        if asked.model != self.settings.model:
            message = f"The model `{asked.model}` does not exist."
            return _error(404, "NotFoundError", message)
        context = self.settings.context
        if context and (refused := replies.too_long(asked, context)):
            return _json(refused, 400)
        body, fault = await self._model.serve(asked)
        if self.settings.down:  # since the request came
            return _cut(request)
        return await _send(request, body, fault, self.settings)

    def _refusal(self, request: web.Request) -> web.Response | None:
        if self.settings.down:
            return _cut(request)
        key = self.settings.api_key
        if key and request.headers.get("Authorization") != f"Bearer {key}":
            return _error(401, "AuthenticationError", "the API key is missing or wrong")
        return None


async def _embeddings(_: web.Request, content: bytes) -> web.Response:
    return _json(retrieving.embeddings(read_object(content)))


async def _ranking(_: web.Request, content: bytes) -> web.Response:
    return _json(retrieving.ranking(read_object(content)))


async def _send(
    request: web.Request, body: bytes, fault: Fault | None, settings: SimulatorSettings
) -> web.StreamResponse:
    match fault:
        case "rate_limit":
            refused = _error(429, "RateLimitError", "too many requests")
            refused.headers["Retry-After"] = f"{settings.retry_after:g}"
            return refused
        case "server_error":
            return _error(500, "InternalServerError", "the engine failed")
        case "reset":
            return _cut(request)
        case "html" | "bad_gateway":
            status = 200 if fault == "html" else 502
            return web.Response(status=status, body=replies.PAGE, content_type="text/html")
        case "slow_body":
            return await _dribble(request, body, settings.slow_body_seconds)
        case _:
            return web.Response(body=body, content_type="application/json")


def _json(body: object, status: int = 200) -> web.Response:
    return web.Response(body=orjson.dumps(body), status=status, content_type="application/json")


def _error(status: int, kind: str, message: str) -> web.Response:
    return _json(replies.error(status, kind, message), status)


def _cut(request: web.Request) -> web.Response:
    """Reset the connection; the response is for aiohttp, nobody gets it."""
    if request.transport is not None:
        connection = request.transport.get_extra_info("socket")
        # Without lingering, closing sends a reset (RST) in place of an orderly end (FIN).
        connection.setsockopt(SOL_SOCKET, SO_LINGER, struct.pack("ii", 1, 0))
        request.transport.abort()
    return web.Response()


def _is_cut(request: web.Request) -> bool:
    return request.transport is None or request.transport.is_closing()


async def _dribble(request: web.Request, body: bytes, seconds: float) -> web.StreamResponse:
    response = web.StreamResponse()
    response.content_type, response.content_length = "application/json", len(body)
    await response.prepare(request)
    size = -(-len(body) // SLOW_PIECES)
    for start in range(0, len(body), size):
        await response.write(body[start : start + size])
        await anyio.sleep(seconds / SLOW_PIECES)
    await response.write_eof()
    return response
