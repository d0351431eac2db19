"""HTTP/1.1: a request out, a reply in, over connections that are kept for the next.

httptools reads what comes, aiohappyeyeballs connects. Knows addresses and bytes; not JSON, nor what
a status says of a request. Nothing is sent twice, no redirect is followed, no proxy is asked.
"""

from __future__ import annotations

import asyncio
import gzip
import io
import select
import socket
import ssl
import time
import zlib
from base64 import b64encode
from collections import defaultdict, deque
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from functools import cache
from typing import NamedTuple, cast

import httptools
from aiohappyeyeballs import start_connection
from yarl import URL

CONNECT_SECONDS = 9.0
NEXT_ADDRESS_SECONDS = 0.25
"""Until the next address of a name is tried beside the first (RFC 8305)."""
KEPT_SECONDS = 4.0
"""How long a connection may idle and be used again: uvicorn, hence vLLM, closes it after 5, and
a request that crosses the closing is lost."""
SILENT_SECONDS = 60
"""After so long without a byte the system asks whether the peer is still there."""
LARGEST_REPLY = 1 << 26
"""Bytes, which is more than any answer has: a server that never ends is not to fill the memory."""
TOO_LARGE = f"a reply of more than {LARGEST_REPLY >> 20} MB"


class Unreachable(OSError):
    """No connection: nothing was sent."""


class CutOff(OSError):
    """The connection ended before the reply did, or what came was no HTTP."""


class Reply(NamedTuple):
    """`headers` by their names in lower case."""

    status: int
    headers: Mapping[bytes, bytes]
    content: bytes

    def header(self, name: str) -> str:
        """Its value; "" without it."""
        return self.headers.get(name.lower().encode(), b"").decode("latin-1")


class _Origin(NamedTuple):
    host: str
    port: int
    tls: bool


class Connections(AbstractAsyncContextManager["Connections"]):
    """To any number of servers; use as `async with`. `headers` go with every request."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        self._headers = headers
        self._targets: dict[tuple[str, str], tuple[_Origin, bytes]] = {}
        self._idle: defaultdict[_Origin, deque[_Connection]] = defaultdict(deque)
        self._open = False

    async def __aenter__(self) -> Connections:
        self._open = True
        return self

    async def __aexit__(self, *_: object) -> None:
        self._open = False
        for kept in self._idle.values():
            while kept:
                kept.pop().transport.abort()
        await asyncio.sleep(0)  # the loop closes them in its next turn

    async def exchange(self, method: str, url: str, body: bytes = b"") -> Reply:
        """The reply to one request. Raises Unreachable or CutOff."""
        origin, head = self._target(method, url)
        connection = self._kept(origin) or await _connected(origin)
        try:
            reply = await connection.ask(head, body)
        except BaseException:
            connection.transport.abort()
            raise
        if connection.stays and self._open:
            self._keep(origin, connection)
        else:
            connection.transport.abort()
        return reply

    def _target(self, method: str, url: str) -> tuple[_Origin, bytes]:
        """Where it is, and how every request of that kind to it begins."""
        target = self._targets.get((method, url))
        if target is None:
            try:
                target = _target(method, URL(url), self._headers)
            except ValueError as error:
                raise Unreachable(str(error)) from None
            self._targets[method, url] = target
        return target

    def _kept(self, origin: _Origin) -> _Connection | None:
        """The one used last, if it is fresh enough; the others are older."""
        kept = self._idle[origin]
        while kept:
            connection = kept.pop()
            if not connection.is_stale(time.monotonic()) and not connection.has_heard:
                return connection
            connection.transport.abort()
        return None

    def _keep(self, origin: _Origin, connection: _Connection) -> None:
        """For the next request, and no longer those that have waited for one too long."""
        kept, now = self._idle[origin], time.monotonic()
        while kept and kept[0].is_stale(now):
            kept.popleft().transport.abort()
        connection.used_at = now
        kept.append(connection)


class _Connection(asyncio.Protocol):
    """One connection, with one request at a time. It `stays` if the last reply allows another."""

    transport: asyncio.Transport

    def __init__(self) -> None:
        self.stays = False
        self.used_at = 0.0
        self._reply: asyncio.Future[Reply] | None = None
        self._parser = httptools.HttpResponseParser(self)
        self._parser.set_dangerous_leniencies(  # those of aiohttp
            lenient_headers=True,
            lenient_optional_cr_before_lf=True,
            lenient_spaces_after_chunk_size=True,
        )

    def is_stale(self, now: float) -> bool:
        return now - self.used_at >= KEPT_SECONDS or self.transport.is_closing()

    @property
    def has_heard(self) -> bool:
        """Whether the server has said something since. The event loop may not have read yet that it
        closed the connection: without a look at the socket half of all requests to a server that
        closes after every reply went into connections already closed."""
        return bool(self._unread.poll(0))

    def ask(self, head: bytes, body: bytes) -> asyncio.Future[Reply]:
        """Send; the reply is to come. Raises CutOff when awaited."""
        reply = self._reply = asyncio.get_running_loop().create_future()
        self._begin()
        self._received = 0
        if self.transport.is_closing():
            self._fail(CutOff("the server closed it"))
        else:
            self.transport.write(b"%bContent-Length: %d\r\n\r\n%b" % (head, len(body), body))
        return reply

    def _begin(self) -> None:
        self.stays = self._headed = False
        self._headers: dict[bytes, bytes] = {}
        self._parts: list[bytes] = []

    # What the event loop calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self._unread = select.poll()
        self._unread.register(transport.get_extra_info("socket").fileno(), select.POLLIN)

    def data_received(self, data: bytes) -> None:
        if self._reply is None or self._reply.done():
            self.transport.abort()  # nobody asked
            return
        self._received += len(data)
        if self._received > LARGEST_REPLY:
            self._fail(CutOff(TOO_LARGE))
            return
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserCallbackError as error:
            self._fail(error.__context__ or error)  # a mistake of ours
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            self._fail(CutOff(f"not HTTP: {error}"))

    def connection_lost(self, error: Exception | None) -> None:
        if self._reply is None or self._reply.done():
            return
        chunked = b"chunked" in self._headers.get(b"transfer-encoding", b"").lower()
        if error or not self._headed or chunked or b"content-length" in self._headers:
            self._fail(CutOff(f"the server closed it{f' ({error})' if error else ''}"))
        else:
            self._finish()  # nothing but the connection's end could end it

    # What the parser calls.

    def on_message_begin(self) -> None:
        # Also after the reply: whatever begins there, the next request is not answered by it.
        self._begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self._headed:  # or else it stands behind the body, and means nothing to us
            self._headers[name.lower()] = value

    def on_headers_complete(self) -> None:
        self._headed = self._parser.get_status_code() >= 200  # 100 or 103: it is still to come

    def on_body(self, part: bytes) -> None:
        self._parts.append(part)

    def on_message_complete(self) -> None:
        if self._headed and self._reply is not None:
            unsent = self.transport.get_write_buffer_size()
            self.stays = self._parser.should_keep_alive() and not unsent
            self._finish()

    def _finish(self) -> None:
        reply, self._reply = self._reply, None
        if reply is None or reply.done():
            return
        status, headers = self._parser.get_status_code(), self._headers
        content, self._parts = b"".join(self._parts), []
        if content and headers.get(b"content-encoding", b"").lower() in (b"gzip", b"x-gzip"):
            try:
                content = _unpacked(content)
            except (OSError, EOFError, zlib.error) as error:
                if status == 200:
                    reply.set_exception(CutOff(f"not what its Content-Encoding says: {error}"))
                    return
        reply.set_result(Reply(status, headers, content))

    def _fail(self, error: BaseException) -> None:
        reply, self._reply = self._reply, None
        if reply is not None and not reply.done():
            reply.set_exception(error)


def _unpacked(content: bytes) -> bytes:
    """Of gzip, though it was not asked for."""
    unpacked = gzip.GzipFile(fileobj=io.BytesIO(content)).read(LARGEST_REPLY + 1)
    if len(unpacked) > LARGEST_REPLY:
        raise OSError(TOO_LARGE)
    return unpacked


async def _connected(origin: _Origin) -> _Connection:
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(CONNECT_SECONDS) as limit:
            found = await loop.getaddrinfo(origin.host, origin.port, type=socket.SOCK_STREAM)
            connected = await start_connection(found, happy_eyeballs_delay=NEXT_ADDRESS_SECONDS)
            _stays_known(connected)
            _, connection = await loop.create_connection(
                _Connection,
                sock=connected,
                ssl=_certificates() if origin.tls else None,
                server_hostname=origin.host if origin.tls else None,
            )
    except (OSError, UnicodeError) as error:
        late = f"none within {CONNECT_SECONDS:g} s" if limit.expired() else ""
        told = getattr(error, "strerror", None) or str(error) or type(error).__name__
        raise Unreachable(late or told) from None
    return connection


def _stays_known(connected: socket.socket) -> None:
    """To whatever stands between: an answer may take many minutes in which no byte is sent."""
    connected.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    idle = getattr(socket, "TCP_KEEPIDLE", None) or getattr(socket, "TCP_KEEPALIVE", None)
    if idle is not None:
        connected.setsockopt(socket.IPPROTO_TCP, idle, SILENT_SECONDS)


@cache
def _certificates() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.set_alpn_protocols(["http/1.1"])
    return context


def _target(method: str, url: URL, headers: Mapping[str, str]) -> tuple[_Origin, bytes]:
    lines = {
        "Host": url.host_port_subcomponent or "",
        "Accept": "application/json",
        "Accept-Encoding": "identity",
        **headers,
    }
    if url.user is not None or url.password is not None:
        login = b64encode(f"{url.user or ''}:{url.password or ''}".encode()).decode()
        lines["Authorization"] = f"Basic {login}"
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    origin = _Origin(url.raw_host or "", url.port or 0, url.scheme == "https")
    return origin, f"{method} {url.raw_path_qs} HTTP/1.1\r\n{head}".encode("latin-1")
