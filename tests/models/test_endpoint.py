"""The client against a real HTTP server on the loopback interface, with the faults that occur."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import anyio
import pytest
from aiohttp import web

from closedbook.config.settings import EndpointTeacher
from closedbook.errors import AuthError, ProviderError
from closedbook.models.attempts import collected_attempts
from closedbook.models.chat import ChatRequest, Sampling
from closedbook.models.endpoint import Endpoint
from closedbook.records import Completion, Message

pytestmark = pytest.mark.anyio
KEY = "sk-very-secret"
REQUEST = ChatRequest((Message("system", "s"), Message("user", "hello")))
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def reply(content: object, **more: Any) -> dict[str, Any]:
    message = {"role": "assistant", "content": content, **more}
    return {
        "choices": [{"message": message, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 7, "completion_tokens": 3},
    }


@asynccontextmanager
async def serving(chat: Handler, models: Handler | None = None) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_post("/v1/chat/completions", chat)
    if models is not None:
        app.router.add_get("/v1/models", models)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    try:
        yield f"http://{host}:{port}/v1"
    finally:
        await runner.cleanup()


def endpoint(url: str, **changes: Any) -> Endpoint:
    keys = {"kind": "endpoint", "base_url": url, "model": "some-model", "api_key": KEY}
    return Endpoint(EndpointTeacher.model_validate({**keys, **changes}), first_wait=0.001)


def in_turn(*replies: object) -> Handler:
    """Answers with each in turn, the last for ever: a JSON value, a response, or "reset"."""
    waiting = list(replies)

    async def handle(request: web.Request) -> web.StreamResponse:
        await request.read()
        item = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        if item == "reset":
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        if isinstance(item, tuple):
            status, text, headers = item
            return web.Response(status=status, text=text, headers=headers)
        return web.json_response(item)

    return handle


async def asked(*replies: object, request: ChatRequest = REQUEST, **changes: Any) -> Completion:
    async with serving(in_turn(*replies)) as url, endpoint(url, **changes) as model:
        return await model.complete(request)


async def test_the_request_is_a_chat_completion_with_the_key_and_the_sampling() -> None:
    seen: list[tuple[str | None, dict[str, Any]]] = []

    async def chat(request: web.Request) -> web.Response:
        seen.append((request.headers.get("Authorization"), await request.json()))
        return web.json_response(reply("hi"))

    request = ChatRequest(REQUEST.messages, Sampling(temperature=0.2))
    async with serving(chat) as url, endpoint(url + "/", temperature=0.9, max_tokens=50) as model:
        assert await model.complete(request) == Completion("hi", "", "stop", 7, 3)
    assert seen == [
        (
            f"Bearer {KEY}",
            {
                "model": "some-model",
                "messages": [
                    {"role": "system", "content": "s"},
                    {"role": "user", "content": "hello"},
                ],
                "temperature": 0.2,
                "max_tokens": 50,
            },
        )
    ]


@pytest.mark.parametrize(
    ("message", "text", "reasoning"),
    [
        (reply("yes", reasoning_content="hm"), "yes", "hm"),
        (reply("yes", reasoning="hm"), "yes", "hm"),
        (reply("<think>hm</think>yes"), "yes", "hm"),
        (reply("hm</think>yes"), "yes", "hm"),
        (reply("<think>hm"), "", "hm"),
        (reply(None, reasoning_content="hm"), "", "hm"),
        (reply([{"type": "text", "text": "ye"}, {"type": "text", "text": "s"}]), "yes", ""),
        (reply(""), "", ""),
    ],
)
async def test_thinking_is_apart_wherever_it_comes(message: Any, text: str, reasoning: str) -> None:
    completion = await asked(message)
    assert (completion.text, completion.reasoning) == (text, reasoning)


async def test_what_the_endpoint_does_not_say_is_unknown() -> None:
    completion = await asked(
        {"choices": [{"message": {"content": "x"}, "finish_reason": "length"}]}
    )
    assert completion == Completion("x", "", "length", None, None)


async def test_a_reply_may_hold_half_an_emoji() -> None:
    body = json.dumps(reply("a \ud83d b"))
    assert (await asked((200, body, {"Content-Type": "application/json"}))).text == "a \ud83d b"


@pytest.mark.parametrize(
    "fault",
    [
        (429, "slow down", {"Retry-After": "0"}),
        (500, "oops", {}),
        (503, "loading", {}),
        "reset",
        (200, "<html>proxy</html>", {}),
        (200, '{"choices": []}', {}),
        (200, '{"error": {"message": "overloaded"}}', {}),
    ],
)
async def test_a_passing_fault_is_asked_again(fault: object) -> None:
    with collected_attempts() as attempts:
        assert (await asked(fault, fault, reply("at last"))).text == "at last"
    assert [attempt.outcome == "ok" for attempt in attempts] == [False, False, True]


async def test_after_the_last_attempt_the_row_fails_but_may_be_retried() -> None:
    with pytest.raises(ProviderError, match="500: broken") as caught:
        await asked((500, '{"error": {"message": "broken"}}', {}), attempts=3)
    assert caught.value.retryable


@pytest.mark.parametrize("status", [400, 404, 413, 422])
async def test_a_refused_request_is_not_asked_again(status: int) -> None:
    refusal: object = (status, '{"error": {"message": "too long"}}', {})
    with pytest.raises(ProviderError, match=f"{status}: too long") as caught:
        await asked(refusal, reply("never reached"))
    assert not caught.value.retryable


@pytest.mark.parametrize("status", [401, 403])
async def test_a_refused_key_stops_the_run_and_is_not_shown(status: int) -> None:
    with pytest.raises(AuthError) as caught:
        await asked((status, f"no such key: {KEY}", {}), reply("never reached"))
    assert KEY not in str(caught.value)
    assert "api_key" in str(caught.value)


async def test_retry_after_is_obeyed() -> None:
    started = time.monotonic()
    await asked((429, "", {"Retry-After": "0.4"}), reply("ok"))
    assert 0.4 <= time.monotonic() - started < 5


async def test_a_server_that_never_answers_is_given_up_on() -> None:
    async def chat(request: web.Request) -> web.Response:
        await anyio.sleep(30)
        return web.Response()

    async with serving(chat) as url, endpoint(url, timeout=0.05, attempts=2) as model:
        with pytest.raises(ProviderError, match=r"no answer within 0.05 s"):
            await model.complete(REQUEST)


async def test_at_most_the_configured_number_of_requests_is_open() -> None:
    open_now = most = 0

    async def chat(request: web.Request) -> web.Response:
        nonlocal open_now, most
        open_now += 1
        most = max(most, open_now)
        await anyio.sleep(0.005)
        open_now -= 1
        return web.json_response(reply("x"))

    async with (
        serving(chat) as url,
        endpoint(url, concurrency=3) as model,
        anyio.create_task_group() as group,
    ):
        for _ in range(20):
            group.start_soon(model.complete, REQUEST)
    assert most == 3


async def test_waiting_to_ask_again_holds_no_slot() -> None:
    busy = True

    async def chat(request: web.Request) -> web.Response:
        nonlocal busy
        if busy:
            busy = False
            return web.Response(status=429, headers={"Retry-After": "1"})
        return web.json_response(reply("x"))

    async with (
        serving(chat) as url,
        endpoint(url, concurrency=1) as model,
        anyio.create_task_group() as group,
    ):
        group.start_soon(model.complete, REQUEST)
        await anyio.sleep(0.1)
        with anyio.fail_after(0.5):
            await model.complete(REQUEST)
        group.cancel_scope.cancel()


async def test_identity_names_the_model_and_its_sampling_but_not_the_place() -> None:
    names = {
        endpoint("http://127.0.0.1:1", **changes).identity
        for changes in ({}, {"revision": "r1"}, {"temperature": 0.5}, {"max_tokens": 10})
    }
    assert len(names) == 4
    assert endpoint("http://127.0.0.1:1").identity == endpoint("http://127.0.0.1:2").identity
    assert endpoint("http://x", revision="r1").identity == "some-model@r1"


async def test_probe_tells_in_one_line_what_is_wrong() -> None:
    async def served(request: web.Request) -> web.Response:
        return web.json_response({"data": [{"id": "some-model"}, {"id": "other"}]})

    async def refused(request: web.Request) -> web.Response:
        return web.Response(status=401, text="bad key")

    chat = in_turn(reply("x"))
    async with serving(chat, served) as url:
        async with endpoint(url) as model:
            assert await model.probe() is None
        async with endpoint(url, model="absent") as model:
            assert "does not serve 'absent' (it serves: some-model, other)" in str(
                await model.probe()
            )
    async with serving(chat, refused) as url, endpoint(url) as model:
        assert "401: bad key" in str(await model.probe())
    async with serving(chat) as url, endpoint(url) as model:
        assert await model.probe() is None, "servers need not list their models"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
        async with endpoint(url) as model:
            problem = str(await model.probe())
    assert url in problem
    assert "connection failed" in problem
    assert "\n" not in problem
