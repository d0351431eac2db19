"""Connections against servers of a few bytes each, for what no well-behaved server sends."""

from __future__ import annotations

import asyncio
import gc
import gzip
import socket
import ssl
import struct
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import pytest

from closedbook.models import http
from closedbook.models.http import Connections, CutOff, Reply, Unreachable

pytestmark = pytest.mark.anyio
TLS = Path(__file__).parent / "tls"
"""Of `openssl ca -selfsign`, for localhost and 127.0.0.1, from 2020 to 2120."""
AGENT = {"User-Agent": "test"}
Read = Callable[[], Awaitable[None]]
Turn = Callable[[Read, asyncio.StreamWriter], Awaitable[None]]


class Wire:
    """A server that gives each connection the next of `turns`; keeps the `requests` it was sent,
    and how many connections the other side `left` before it did."""

    def __init__(self, turns: Iterable[Turn]) -> None:
        self.url = ""
        self.requests: list[bytes] = []
        self.left = 0
        self.writers: list[asyncio.StreamWriter] = []
        self._turns = iter(turns)

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.writers.append(writer)

        async def read() -> None:
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
            self.requests.append(head + await reader.readexactly(length))

        try:
            await next(self._turns)(read, writer)
        except (OSError, asyncio.IncompleteReadError):
            self.left += 1
        writer.close()


def says(*replies: bytes, pieces: int = 0, then_closes: bool = True) -> Turn:
    """Answers each request with the next reply, in `pieces` of so many bytes."""

    async def turn(read: Read, writer: asyncio.StreamWriter) -> None:
        for reply in replies:
            await read()
            size = pieces or max(1, len(reply))
            for start in range(0, len(reply), size):
                writer.write(reply[start : start + size])
                await writer.drain()
                await asyncio.sleep(0)
        if not then_closes:
            await read()

    return turn


@asynccontextmanager
async def serving(*turns: Turn, tls: bool = False) -> AsyncIterator[Wire]:
    wire, context = Wire(turns), None
    if tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(TLS / "cert.pem", TLS / "key.pem")
    server = await asyncio.start_server(wire, "127.0.0.1", 0, ssl=context)
    port = server.sockets[0].getsockname()[1]
    wire.url = f"{'https' if tls else 'http'}://127.0.0.1:{port}/v1/chat"
    async with server:
        yield wire
        await asyncio.sleep(0.01)  # for connections that nobody waited for
        for writer in wire.writers:
            writer.transport.abort()


async def exchanged(*turns: Turn, body: bytes = b"{}") -> Reply:
    async with serving(*turns) as wire, Connections(AGENT) as to:
        return await to.exchange("POST", wire.url, body)


def ok(body: bytes, *headers: str) -> bytes:
    lines = ["HTTP/1.1 200 OK", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


CHUNKED = (
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"3\r\nabc\r\n1;x=y\r\nd\r\n0\r\nTrailer: t\r\n\r\n"
)


@pytest.mark.parametrize("pieces", [0, 1, 7])
@pytest.mark.parametrize(
    "reply",
    [
        ok(b"abcd"),
        CHUNKED,
        b"HTTP/1.0 200 OK\r\nContent-Type: x\r\n\r\nabcd",
        b"HTTP/1.1 200 OK\r\nServer: ends by closing\r\n\r\nabcd",
        b"HTTP/1.1 200 OK\nContent-Length: 4\n\nabcd",
        b"HTTP/1.1 100 Continue\r\n\r\n" + ok(b"abcd"),
        b"HTTP/1.1 103 Early Hints\r\nContent-Length: 9\r\n\r\n" + ok(b"abcd"),
        ok(gzip.compress(b"ab") + gzip.compress(b"cd"), "Content-Encoding: GZIP"),
        CHUNKED.replace(b"Trailer: t", b"Content-Encoding: gzip"),
        CHUNKED.replace(b"3\r", b"3 \r"),
        b"HTTP/1.1 200 OK\r\nX: a\r\n b\x01\r\nContent-Length: 4\r\n\r\nabcd",
    ],
    ids=[
        *("counted", "chunked", "1.0", "to the end", "bare LF", "100", "103", "gzip", "trailer"),
        *("space after size", "folded header"),
    ],
)
async def test_a_reply_is_whole_however_it_comes(reply: bytes, pieces: int) -> None:
    got = await exchanged(says(reply, pieces=pieces))
    assert (got.status, got.content) == (200, b"abcd")


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        (b"", "closed"),
        (b"HTTP/1.1 200 OK\r\nContent-Le", "closed"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabcd", "closed"),
        (CHUNKED[:-20], "closed"),
        (b"HTTP/1.1 100 Continue\r\n\r\n", "closed"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "not HTTP"),
        (b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n", "not HTTP"),
        (ok(b"abcd", "Content-Encoding: gzip"), "not what its Content-Encoding says"),
        (ok(gzip.compress(b"abcd")[:-4], "Content-Encoding: gzip"), "not what its Content-Enc"),
    ],
    ids=["none", "head", "short", "chunk", "100", "ssh", "upgrade", "no gzip", "cut gzip"],
)
async def test_half_a_reply_is_none(reply: bytes, why: str) -> None:
    with pytest.raises(CutOff, match=why):
        await exchanged(says(reply))


async def test_a_reply_that_ends_by_a_reset_is_none() -> None:
    async def reset(read: Read, writer: asyncio.StreamWriter) -> None:
        await read()
        writer.write(b"HTTP/1.1 200 OK\r\n\r\nab")
        await writer.drain()
        await asyncio.sleep(0.02)
        linger_no_time = struct.pack("ii", 1, 0)
        raw = writer.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger_no_time)

    with pytest.raises(CutOff, match="reset"):
        await exchanged(reset)


@pytest.mark.parametrize(("status", "body"), [(401, b""), (429, b"not packed")])
async def test_a_status_counts_whatever_its_body_is_packed_as(status: int, body: bytes) -> None:
    head = ok(body, "Content-Encoding: gzip", "Retry-After: 7").replace(
        b"200", str(status).encode()
    )
    got = await exchanged(says(head))
    assert (got.status, got.header("retry-after"), got.content) == (status, "7", body)


async def test_the_request_names_its_host_and_length_and_the_login_of_its_address() -> None:
    turn = says(ok(b"1"), ok(b"2"), then_closes=False)
    async with serving(turn) as wire, Connections(AGENT) as to:
        await to.exchange("POST", wire.url.replace("//", "//me:p%40ss@") + "?a=b c", "é".encode())
        await to.exchange("GET", wire.url)
    first, second = wire.requests
    assert first.startswith(b"POST /v1/chat?a=b+c HTTP/1.1\r\nHost: 127.0.0.1:")
    assert b"\r\nAuthorization: Basic bWU6cEBzcw==\r\n" in first
    assert b"\r\nAccept-Encoding: identity\r\nUser-Agent: test\r\n" in first
    assert first.endswith(b"\r\nContent-Length: 2\r\n\r\n\xc3\xa9")
    assert second.endswith(b"\r\nContent-Length: 0\r\n\r\n")
    assert b"Authorization" not in second
    assert wire.left == 1, "at the end all are closed"


async def test_a_connection_is_used_again_unless_the_server_or_time_says_no(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    last = says(ok(b"3", "Connection: close"), then_closes=False)
    async with (
        serving(
            says(ok(b"1"), ok(b"2"), ok(b"-"), then_closes=False), last, says(ok(b"4"))
        ) as wire,
        Connections(AGENT) as to,
    ):
        replies = [await to.exchange("POST", wire.url) for _ in range(2)]
        monkeypatch.setattr(http, "KEPT_SECONDS", 0.0)
        replies += [await to.exchange("POST", wire.url)]
        monkeypatch.undo()
        replies += [await to.exchange("POST", wire.url)]
    assert [reply.content for reply in replies] == [b"1", b"2", b"3", b"4"]
    assert wire.left == 2


async def test_those_that_are_not_needed_any_more_are_closed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(http, "KEPT_SECONDS", 0.1)
    many = [says(*[ok(b"1")] * 9, then_closes=False) for _ in range(3)]
    async with serving(*many) as wire, Connections(AGENT) as to:
        async with anyio.create_task_group() as group:
            for _ in many:
                group.start_soon(to.exchange, "POST", wire.url)
        for _ in range(8):
            await anyio.sleep(0.03)
            await to.exchange("POST", wire.url)
        await anyio.sleep(0.02)
        assert wire.left == 2, "one is enough for the requests that still come"


async def test_a_connection_on_which_something_is_left_to_send_is_not_used_again() -> None:
    async def early(read: Read, writer: asyncio.StreamWriter) -> None:
        writer.write(ok(b"413"))
        await asyncio.sleep(0.2)
        await read()

    async with serving(early, says(ok(b"2"))) as wire, Connections(AGENT) as to:
        assert (await to.exchange("POST", wire.url, b"x" * 2**24)).content == b"413"
        assert (await to.exchange("POST", wire.url)).content == b"2"


async def test_a_connection_that_the_server_closed_meanwhile_is_not_used() -> None:
    async with serving(says(ok(b"1")), says(ok(b"2"))) as wire, Connections(AGENT) as to:
        assert (await to.exchange("POST", wire.url)).content == b"1"
        await anyio.sleep(0.05)
        assert (await to.exchange("POST", wire.url)).content == b"2"


async def test_nor_one_whose_closing_the_event_loop_has_yet_to_read() -> None:
    def closes_after_each_reply(listening: socket.socket) -> None:
        for number in (b"1", b"2"):
            connection, _ = listening.accept()
            with connection:
                connection.recv(1000)
                connection.sendall(ok(number))

    with socket.create_server(("127.0.0.1", 0)) as listening:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}/"
        server = threading.Thread(target=closes_after_each_reply, args=(listening,))
        server.start()
        async with Connections(AGENT) as to:
            assert (await to.exchange("POST", url)).content == b"1"
            until = time.monotonic() + 0.1
            while time.monotonic() < until:
                pass  # the loop sees nothing of what happens
            assert (await to.exchange("POST", url)).content == b"2"
        server.join()


@pytest.mark.parametrize(
    "reply",
    [
        b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 5000,
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 1000,
        ok(gzip.compress(b"x" * 5000), "Content-Encoding: gzip"),
    ],
    ids=["body", "headers", "packed"],
)
async def test_a_reply_without_end_fills_no_memory(
    monkeypatch: pytest.MonkeyPatch, reply: bytes
) -> None:
    monkeypatch.setattr(http, "LARGEST_REPLY", 4000)
    with pytest.raises(CutOff, match="a reply of more than"):
        await exchanged(says(reply))


@pytest.mark.parametrize("surplus", [ok(b"another's"), b"HTTP/1.1 2", b"junk"])
async def test_what_nobody_asked_for_answers_nobody(surplus: bytes) -> None:
    first = says(ok(b"1") + surplus, ok(b"whose?"))
    async with serving(first, says(ok(b"2"))) as wire, Connections(AGENT) as to:
        assert (await to.exchange("POST", wire.url)).content == b"1"
        assert (await to.exchange("POST", wire.url)).content == b"2"


async def test_what_comes_between_two_requests_answers_none() -> None:
    async def late(read: Read, writer: asyncio.StreamWriter) -> None:
        await says(ok(b"1"))(read, writer)
        await asyncio.sleep(0.02)
        writer.write(ok(b"whose?"))
        await read()

    async with serving(late, says(ok(b"2"))) as wire, Connections(AGENT) as to:
        assert (await to.exchange("POST", wire.url)).content == b"1"
        await anyio.sleep(0.1)
        assert (await to.exchange("POST", wire.url)).content == b"2"


async def test_a_request_that_was_given_up_takes_its_connection_along() -> None:
    never = says(b"HTTP/1.1 2", then_closes=False)
    async with serving(never, says(ok(b"2"))) as wire, Connections(AGENT) as to:
        with anyio.move_on_after(0.1) as scope:
            await to.exchange("POST", wire.url)
        assert scope.cancelled_caught
        await anyio.sleep(0.02)
        assert wire.left == 1
        assert (await to.exchange("POST", wire.url)).content == b"2"


async def test_a_megabyte_each_way() -> None:
    many = b"x" * 2**20
    async with serving(says(ok(many))) as wire, Connections(AGENT) as to:
        assert (await to.exchange("POST", wire.url, many)).content == many
    assert wire.requests[0].endswith(many)


async def test_over_tls_only_to_whom_a_certificate_is_trusted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with serving(says(ok(b"1")), says(ok(b"2")), tls=True) as wire, Connections(AGENT) as to:
        with pytest.raises(Unreachable, match="certificate"):
            await to.exchange("POST", wire.url)
    monkeypatch.setenv("SSL_CERT_FILE", str(TLS / "cert.pem"))
    http._certificates.cache_clear()
    try:
        turns = says(ok(b"1"), ok(b"2")), says(ok(b"3"))
        async with serving(*turns, tls=True) as wire, Connections(AGENT) as to:
            for number in (b"1", b"2", b"3"):
                assert (await to.exchange("POST", wire.url)).content == number
                await anyio.sleep(0.02)
    finally:
        http._certificates.cache_clear()


async def test_nobody_there_is_not_a_reply_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    async with serving() as wire:
        pass
    async with Connections(AGENT) as to:
        with pytest.raises(Unreachable, match=r"Connect call failed \('127.0.0.1'"):
            await to.exchange("POST", wire.url)
    monkeypatch.setattr(http, "CONNECT_SECONDS", 0.0)
    async with serving(says(ok(b"1"))) as wire, Connections(AGENT) as to:
        with pytest.raises(Unreachable, match="none within 0 s"):
            await to.exchange("POST", wire.url)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:0/v1", "http://a..b/v1", f"http://{'a' * 64}/v1", "http://[::1/v1"]
)
async def test_an_address_that_cannot_be_is_not_reached(url: str) -> None:
    async with Connections(AGENT) as to:
        with pytest.raises(Unreachable, match=r"."):
            await to.exchange("POST", url)


async def test_a_peer_that_hangs_up_on_the_handshake_is_not_reached() -> None:
    async def hangs_up(read: Read, writer: asyncio.StreamWriter) -> None:
        writer.transport.abort()

    async with serving(hangs_up) as wire, Connections(AGENT) as to:
        with pytest.raises(Unreachable, match=r"\w"):
            await to.exchange("POST", wire.url.replace("http:", "https:"))


@pytest.mark.parametrize("tls", [False, True])
async def test_whenever_it_is_given_up_no_socket_stays_open(tls: bool) -> None:
    """A warning of one is an error here."""
    turns = [says(ok(b"1"), then_closes=False) for _ in range(12)]
    async with serving(*turns, tls=tls) as wire, Connections(AGENT) as to:
        for rounds in range(12):
            asking = asyncio.ensure_future(to.exchange("POST", wire.url))
            for _ in range(rounds):
                await asyncio.sleep(0)
            asking.cancel()
            await asyncio.wait([asking])
        await asyncio.sleep(0.05)
    gc.collect()
