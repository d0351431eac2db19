"""HTTP/1.1: a request out, a reply in, over connections that are kept for the next.

httptools reads what comes, asyncio connects. Knows addresses and bytes; not JSON, nor what a status
means. Nothing is sent twice, no redirect is followed, no proxy is asked.
"""

from __future__ import annotations

import asyncio
import select
import socket
import ssl
import time
import zlib
from base64 import b64encode
from collections import defaultdict
from collections.abc import Mapping
from functools import cache
from typing import NamedTuple, cast

import httptools
from yarl import URL

CONNECT_SECONDS = 30.0
NEXT_ADDRESS_SECONDS = 0.25
"""Until the next address of a name is tried beside the first (RFC 8305)."""
KEPT_SECONDS = 4.0
"""How long a connection may idle and be used again: uvicorn, hence vLLM, closes it after 5, and
a request that crosses the closing is lost."""
LARGEST_REPLY = 1 << 26
"""Bytes, which is more than any answer has: a server that never ends is not to fill the memory."""
TOO_LARGE = f"a reply of more than {LARGEST_REPLY >> 20} MB"
AUTOMATIC = zlib.MAX_WBITS | 32  # zlib reads gzip and deflate alike


class Unreachable(OSError):
    """No connection: nothing was sent."""


class CutOff(OSError):
    """The connection ended before the reply did, or what came was no HTTP."""


class Reply(NamedTuple):
    """`headers` by their names in small letters."""

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


class Connections:
    """To any number of servers; `headers` go with every request."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        self._headers = headers
        self._targets: dict[tuple[str, str], tuple[_Origin, bytes]] = {}
        self._idle: defaultdict[_Origin, list[_Connection]] = defaultdict(list)

    async def exchange(self, method: str, url: str, body: bytes = b"") -> Reply:
        """The reply to one request. Raises Unreachable or CutOff."""
        target = self._targets.get((method, url))
        if target is None:
            target = self._targets[method, url] = _target(method, URL(url), self._headers)
        origin, head = target
        connection = self._kept(origin) or await _connected(origin)
        try:
            reply = await connection.ask(head, body)
        except BaseException:
            connection.transport.abort()
            raise
        if connection.stays:
            connection.idle_since = time.monotonic()
            self._idle[origin].append(connection)
        else:
            connection.transport.abort()
        return reply

    async def close(self) -> None:
        """Those that idle; one in use ends with the task that uses it."""
        for kept in self._idle.values():
            while kept:
                kept.pop().transport.abort()
        await asyncio.sleep(0)  # now they are closed

    def _kept(self, origin: _Origin) -> _Connection | None:
        """The one used last, if it is fresh enough; the others are older."""
        kept = self._idle[origin]
        while kept:
            connection = kept.pop()
            if connection.is_usable:
                return connection
            connection.transport.abort()
        return None


class _Connection(asyncio.Protocol):
    """One connection, with one request at a time. It `stays` if the last reply allows another."""

    transport: asyncio.Transport

    def __init__(self) -> None:
        self.stays = False
        self.idle_since = 0.0
        self._reply: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self._reply.cancel()  # nothing is asked yet

    @property
    def is_usable(self) -> bool:
        """Whether it is fresh enough and the server has said nothing since. The event loop may
        not have read yet that the server closed it: without a look at the socket, of one that
        closes after every reply half of all requests went into connections already closed."""
        fresh = time.monotonic() - self.idle_since < KEPT_SECONDS
        return fresh and not self.transport.is_closing() and not self._unread.poll(0)

    def ask(self, head: bytes, body: bytes) -> asyncio.Future[Reply]:
        """Send; the reply is to come. Raises CutOff when awaited."""
        self.on_message_begin()
        self._received = 0
        self._parser = httptools.HttpResponseParser(self)
        self._parser.set_dangerous_leniencies(lenient_optional_cr_before_lf=True)
        self._reply = asyncio.get_running_loop().create_future()
        if self.transport.is_closing():
            self._fail("the server closed it")
        else:
            self.transport.write(b"%bContent-Length: %d\r\n\r\n%b" % (head, len(body), body))
        return self._reply

    # What the event loop calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        connected = transport.get_extra_info("socket")
        # An answer can take many minutes in which nothing is sent.
        connected.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        self._unread = select.poll()
        self._unread.register(connected.fileno(), select.POLLIN)

    def data_received(self, data: bytes) -> None:
        if self._reply.done():
            self.transport.abort()  # nobody asked
            return
        self._received += len(data)
        if self._received > LARGEST_REPLY:
            self._fail(TOO_LARGE)
            return
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            self._fail(f"not HTTP: {error}")

    def connection_lost(self, error: Exception | None) -> None:
        if self._reply.done():
            return
        chunked = b"chunked" in self._headers.get(b"transfer-encoding", b"").lower()
        if error or not self._headed or chunked or b"content-length" in self._headers:
            self._fail(f"the server closed it{f' ({error})' if error else ''}")
        else:
            self._finish()  # nothing but the connection's end could end it

    # What the parser calls.

    def on_message_begin(self) -> None:
        # Also after the reply: whatever begins there, the next request is not answered by it.
        self.stays = self._headed = False
        self._headers: dict[bytes, bytes] = {}
        self._parts: list[bytes] = []

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers[name.lower()] = value

    def on_headers_complete(self) -> None:
        self._headed = self._parser.get_status_code() >= 200  # 100 or 103: it is still to come

    def on_body(self, part: bytes) -> None:
        self._parts.append(part)

    def on_message_complete(self) -> None:
        if self._headed:
            self.stays = self._parser.should_keep_alive() and not self._reply.done()
            self._finish()

    def _finish(self) -> None:
        content = b"".join(self._parts)
        if self._headers.get(b"content-encoding") in (b"gzip", b"deflate"):  # though not asked for
            try:
                content = _unpacked(content)
            except (zlib.error, EOFError) as error:
                self._fail(f"not what its Content-Encoding says: {error}")
        if not self._reply.done():
            self._reply.set_result(Reply(self._parser.get_status_code(), self._headers, content))

    def _fail(self, why: str) -> None:
        self.stays = False
        if not self._reply.done():
            self._reply.set_exception(CutOff(why))


def _unpacked(content: bytes) -> bytes:
    reader = zlib.decompressobj(AUTOMATIC)
    unpacked = reader.decompress(content, LARGEST_REPLY)
    if not reader.eof:
        raise EOFError(TOO_LARGE if reader.unconsumed_tail else "it ends too early")
    return unpacked


async def _connected(origin: _Origin) -> _Connection:
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            _, connection = await asyncio.get_running_loop().create_connection(
                _Connection,
                origin.host,
                origin.port,
                ssl=_certificates() if origin.tls else None,
                happy_eyeballs_delay=NEXT_ADDRESS_SECONDS,
            )
    except TimeoutError:
        raise Unreachable(f"none within {CONNECT_SECONDS:g} s") from None
    except OSError as error:
        raise Unreachable(error.strerror or str(error)) from None
    return connection


@cache
def _certificates() -> ssl.SSLContext:
    return ssl.create_default_context()


def _target(method: str, url: URL, headers: Mapping[str, str]) -> tuple[_Origin, bytes]:
    """Where an address is, and how a request to it begins."""
    lines = {"Host": url.host_port_subcomponent, "Accept-Encoding": "identity", **headers}
    if url.user is not None:
        login = b64encode(f"{url.user}:{url.password or ''}".encode()).decode()
        lines["Authorization"] = f"Basic {login}"
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    origin = _Origin(url.raw_host or "", url.port or 80, url.scheme == "https")
    return origin, f"{method} {url.raw_path_qs} HTTP/1.1\r\n{head}".encode("latin-1")
