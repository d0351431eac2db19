"""The client against a real HTTP server on the loopback interface, with the faults that occur."""

from __future__ import annotations

import asyncio
import json
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import anyio
import pytest
from aiohttp import web
from pydantic import ValidationError

import closedbook.models.endpoint
from closedbook.config import EndpointTeacher, Price
from closedbook.errors import AuthError, ProviderError, UserError
from closedbook.models.attempts import Attempt, Collected
from closedbook.models.chat import ChatRequest, Health, Sampling
from closedbook.models.endpoint import Endpoint
from closedbook.models.replicas import Load
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


def endpoint(*urls: str, first_wait: float = 0.001, **changes: Any) -> Endpoint:
    keys = {"kind": "endpoint", "base_url": urls, "model": "some-model", "api_key": KEY}
    return Endpoint(EndpointTeacher.model_validate({**keys, **changes}), first_wait=first_wait)


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
        answer = await model.complete(model.resolve(request))
        assert answer == Completion("hi", "", "stop", 7, 3)
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


async def test_a_count_of_tokens_that_is_none_is_unknown() -> None:
    usage = {"prompt_tokens": 10**30, "completion_tokens": -1}
    choices = [{"message": {"content": "x"}, "finish_reason": "stop"}]
    assert await asked({"choices": choices, "usage": usage}) == Completion("x")


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
    attempts: list[Attempt] = []
    with Collected(attempts):
        assert (await asked(fault, fault, reply("at last"))).text == "at last"
    assert [attempt.outcome == "ok" for attempt in attempts] == [False, False, True]


async def test_after_the_last_attempt_the_row_fails_but_may_be_retried() -> None:
    with pytest.raises(ProviderError, match="500: broken") as caught:
        await asked((500, '{"error": {"message": "broken"}}', {}), attempts=3)
    assert caught.value.retryable


@pytest.mark.parametrize(
    ("status", "final"),
    [(400, True), (404, False), (405, False), (410, False), (413, True), (422, True), (501, True)],
)
async def test_a_refused_request_is_not_asked_again(status: int, final: bool) -> None:
    """In this run. That the model is not there is no fault of the row, which may be retried."""
    refusal: object = (status, '{"error": {"message": "too long"}}', {})
    with pytest.raises(ProviderError, match=f"{status}: too long") as caught:
        await asked(refusal, reply("never reached"))
    assert caught.value.retryable is not final


@pytest.mark.parametrize("status", [424, 498, 529])
async def test_a_status_that_only_some_servers_have_may_pass(status: int) -> None:
    assert (await asked((status, "no capacity", {}), reply("ok"))).text == "ok"


@pytest.mark.parametrize(
    "choice",
    [{"finish_reason": "error"}, {"finish_reason": "abort"}, {"error": {"message": KEY}}],
)
async def test_an_answer_that_the_server_broke_off_is_none(choice: dict[str, object]) -> None:
    half = {"choices": [{"message": {"content": "The answ"}, **choice}]}
    assert (await asked(half, reply("The answer"))).text == "The answer"
    with pytest.raises(ProviderError, match="broke off") as caught:
        await asked(half, attempts=1)
    assert caught.value.retryable
    assert KEY not in str(caught.value)


@pytest.mark.parametrize("reason", ["length", "max_tokens", "MAX_TOKENS", "model_length"])
async def test_a_limit_of_tokens_has_one_name(reason: str) -> None:
    cut = {"choices": [{"message": {"content": "The answ"}, "finish_reason": reason}]}
    assert (await asked(cut)).finish_reason == "length"


async def test_an_account_without_credit_stops_the_run() -> None:
    refusal: object = (402, '{"error": {"message": "Insufficient credits"}}', {})
    with pytest.raises(AuthError, match="402: Insufficient credits") as caught:
        await asked(refusal, reply("never reached"))
    assert "run again" in caught.value.hint


async def test_a_forbidden_prompt_is_refused_alone() -> None:
    flagged: object = (403, '{"error": {"message": "Your input was flagged"}}', {})
    with pytest.raises(ProviderError, match="403: Your input was flagged") as caught:
        await asked(flagged, reply("never reached"))
    assert not caught.value.retryable


async def test_a_web_page_is_told_to_be_one() -> None:
    with pytest.raises(ProviderError, match="not a chat completion: <p>hi</p>") as caught:
        await asked((200, "<p>hi</p>", {}), attempts=1)
    assert caught.value.hint == "a web page: check base_url"


async def test_what_is_not_there_is_told_with_its_address_and_its_status_once() -> None:
    async with serving(in_turn((404, "404: Not Found", {}))) as url, endpoint(url) as model:
        with pytest.raises(ProviderError) as caught:
            await model.complete(REQUEST)
    there = f"{url}/chat/completions: check base_url and model"
    assert str(caught.value) == f"404: Not Found ({there})"


@pytest.mark.parametrize("status", [401, 403])
async def test_a_refused_key_stops_the_run_and_is_not_shown(status: int) -> None:
    with pytest.raises(AuthError) as caught:
        await asked((status, f"no such key: {KEY}", {}), reply("never reached"))
    assert KEY not in str(caught.value)
    assert "api_key" in str(caught.value)
    assert "teacher" not in str(caught.value)


async def test_retry_after_is_obeyed() -> None:
    started = time.monotonic()
    await asked((429, "", {"Retry-After": "0.4"}), reply("ok"))
    assert 0.4 <= time.monotonic() - started < 5


async def test_where_another_replica_is_open_nobody_waits_for_a_retry_after() -> None:
    busy = (429, "", {"Retry-After": "30"})
    async with (
        serving(in_turn(busy)) as one,
        serving(in_turn(reply("ok"))) as other,
        endpoint(one, other) as model,
    ):
        with anyio.fail_after(5):
            answers = [await model.complete(REQUEST, affinity) for affinity in "abcd"]
        assert [answer.text for answer in answers] == ["ok"] * 4


async def test_retry_after_holds_for_every_request_to_a_replica_at_its_limit() -> None:
    busy = (429, "", {"Retry-After": "0.2"})
    async with serving(in_turn(busy, reply("ok"))) as url, endpoint(url, concurrency=1) as model:
        started = time.monotonic()
        async with anyio.create_task_group() as group:
            group.start_soon(model.complete, REQUEST)
            await anyio.sleep(0.1)
            await model.complete(REQUEST)
            assert time.monotonic() - started >= 0.2


@pytest.mark.parametrize(
    ("code", "attempts", "retryable"),
    [
        (502, 3, True),
        ("429", 3, True),
        (400, 1, False),
        ("context_length", 3, True),
        (None, 3, True),
    ],
)
async def test_an_error_in_a_reply_200_is_what_its_code_says(
    code: object, attempts: int, retryable: bool
) -> None:
    made: list[Attempt] = []
    with Collected(made), pytest.raises(ProviderError, match="sorry") as caught:
        await asked({"error": {"message": "sorry", "code": code}}, attempts=3)
    assert (len(made), caught.value.retryable) == (attempts, retryable)


@pytest.mark.parametrize(
    ("fault", "tokens"),
    [
        ((500, "", {}), (0, 0)),
        ((429, "", {}), (0, 0)),
        ("reset", (None, None)),
        ((200, "half an ans", {}), (None, None)),
        ((200, '{"choices": [{"mess', {}), (None, None)),
        ((200, "\n<!doctype html><html>welcome</html>", {}), (0, 0)),
        ((200, '{"error": {"message": "overloaded"}}', {}), (0, 0)),
    ],
)
async def test_an_attempt_tells_its_tokens(fault: object, tokens: tuple[int | None, ...]) -> None:
    attempts: list[Attempt] = []
    with Collected(attempts):
        await asked(fault, reply("x"))
    found = [(attempt.prompt_tokens, attempt.completion_tokens) for attempt in attempts]
    assert found == [tokens, (7, 3)]


async def test_what_could_not_be_sent_is_no_attempt() -> None:
    attempts: list[Attempt] = []
    async with endpoint(Dying().url, attempts=2, give_up_after=0.05) as model:
        with Collected(attempts), pytest.raises(ProviderError):
            await model.complete(REQUEST)
    assert attempts == []


async def test_an_attempt_that_is_stopped_is_told() -> None:
    async def chat(request: web.Request) -> web.Response:
        await anyio.sleep(30)
        return web.Response()

    attempts: list[Attempt] = []
    async with serving(chat) as url, endpoint(url) as model:
        with anyio.move_on_after(0.1), Collected(attempts):
            await model.complete(REQUEST)
    assert [(attempt.outcome, attempt.is_counted) for attempt in attempts] == [("cancelled", False)]


@pytest.mark.parametrize("finish_reason", ["content_filter", "tool_calls"])
async def test_a_finish_without_text_is_an_answer(finish_reason: str) -> None:
    choice = {"message": {"content": None}, "finish_reason": finish_reason}
    answer = await asked({"choices": [choice], "model": "another-name"})
    assert answer == Completion("", "", finish_reason, None, None)


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
            return web.Response(status=408)
        return web.json_response(reply("x"))

    async with (
        serving(chat) as url,
        endpoint(url, concurrency=1, first_wait=2.0) as model,
        anyio.create_task_group() as group,
    ):
        group.start_soon(model.complete, REQUEST)
        await anyio.sleep(0.1)
        with anyio.fail_after(0.5):
            await model.complete(REQUEST)
        group.cancel_scope.cancel()


async def until(condition: Callable[[], bool]) -> None:
    with anyio.fail_after(5):
        while not condition():  # noqa: ASYNC110
            await anyio.sleep(0.01)


class Dying:
    """A server on one port that can be away for a while."""

    def __init__(self) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}/v1"
        self.answered = 0

    async def chat(self, request: web.Request) -> web.Response:
        self.answered += 1
        return web.json_response(reply("x"))

    @asynccontextmanager
    async def up(self) -> AsyncIterator[None]:
        app = web.Application()
        app.router.add_post("/v1/chat/completions", self.chat)
        runner = web.AppRunner(app, shutdown_timeout=0.01)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", self.port, reuse_address=True).start()
        try:
            yield
        finally:
            await runner.cleanup()


async def test_a_dead_replica_loses_no_request_and_gets_its_own_when_it_is_back() -> None:
    one, two = Dying(), Dying()

    async def ask_all(model: Endpoint) -> None:
        async with anyio.create_task_group() as group:
            for number in range(40):
                group.start_soon(model.complete, REQUEST, f"document {number}")

    async with one.up(), endpoint(one.url, two.url, first_wait=0.02) as model:
        async with two.up():
            await ask_all(model)
            share = two.answered
            assert 0 < share < 40
        await ask_all(model)
        assert (one.answered, two.answered) == (80 - share, share)
        assert model.load() == Load(0, 0, 64, 1, 2)
        async with two.up():
            await until(lambda: model.load().replicas_up == 2)
            await ask_all(model)
        assert (one.answered, two.answered) == (120 - 2 * share, 2 * share)


async def test_an_endpoint_that_is_away_for_a_while_is_waited_for() -> None:
    server = Dying()
    async with (
        endpoint(server.url, attempts=1, first_wait=0.01) as model,
        anyio.create_task_group() as group,
    ):
        for _ in range(20):
            group.start_soon(model.complete, REQUEST)
        await until(lambda: model.load() == Load(0, 20, 0, 0, 1))
        async with server.up():
            await until(lambda: server.answered == 20)


@pytest.mark.parametrize("bad", [(200, "<html>welcome</html>", {}), (500, "broken", {}), "reset"])
async def test_why_nothing_is_served_is_told_although_the_address_answers(
    bad: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(closedbook.models.endpoint, "SILENT_AFTER", 0.05)
    async with serving(in_turn(bad)) as url, endpoint(url, attempts=99, first_wait=0.02) as model:
        assert model.health == Health(0)
        async with anyio.create_task_group() as group:
            for _ in range(3):
                group.start_soon(model.complete, REQUEST)
            await until(lambda: bool(model.health.trouble))
            group.cancel_scope.cancel()


async def test_a_failure_among_answers_is_no_trouble(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(closedbook.models.endpoint, "SILENT_AFTER", 0.0)
    chat = in_turn((500, "broken", {}), reply("x"))
    async with serving(chat) as url, endpoint(url) as model:
        await model.complete(REQUEST)
        assert model.health == Health(0)


async def test_which_replica_does_not_answer_is_told_without_its_login() -> None:
    server, dead = Dying(), Dying()
    secret = dead.url.replace("//", "//user:hush@")
    async with server.up(), endpoint(server.url, secret, first_wait=9, api_key="") as model:
        async with anyio.create_task_group() as group:
            for number in range(40):
                group.start_soon(model.complete, REQUEST, f"document {number}")
            await until(lambda: bool(model.health.missing))
            group.cancel_scope.cancel()
        assert model.health.missing == (
            f"no answer from {dead.url}: going on with 1 of 2 addresses"
        )
        assert not model.health.trouble


@pytest.mark.parametrize("requests", [1, 10])
async def test_an_endpoint_that_stays_away_is_given_up_on(requests: int) -> None:
    errors: list[ProviderError] = []
    async with endpoint("http://127.0.0.1:1", attempts=2, give_up_after=0.1) as model:

        async def ask() -> None:
            with pytest.raises(ProviderError) as caught:
                await model.complete(REQUEST)
            errors.append(caught.value)

        with anyio.fail_after(5):
            async with anyio.create_task_group() as group:
                for _ in range(requests):
                    group.start_soon(ask)
    assert [error.retryable for error in errors] == [True] * requests


async def test_a_server_that_takes_fewer_is_asked_fewer_at_a_time() -> None:
    busy = refused = 0

    async def chat(request: web.Request) -> web.Response:
        nonlocal busy, refused
        if busy >= 4:
            refused += 1
            return web.Response(status=429)
        busy += 1
        await anyio.sleep(0.01)
        busy -= 1
        return web.json_response(reply("x"))

    async with serving(chat) as url, endpoint(url, concurrency=32) as model:
        async with anyio.create_task_group() as group:
            for _ in range(300):
                group.start_soon(model.complete, REQUEST)
        assert model.load().limit <= 6
    assert refused < 32 + 16 + 8 + 20


async def test_identity_names_the_model_and_its_revision_and_nothing_else() -> None:
    sampled = endpoint("http://127.0.0.1:1", temperature=0.5, thinking=False)
    assert sampled.identity == "some-model"
    assert endpoint("http://127.0.0.1:1").identity == endpoint("http://127.0.0.1:2").identity
    assert endpoint("http://x", revision="r1").identity == "some-model@r1"


def test_two_credentials_are_refused_without_showing_them() -> None:
    with pytest.raises(UserError, match="beside api_key") as refused:
        endpoint("http://me:s3cret@127.0.0.1:1/v1")
    assert "s3cret" not in str(refused.value)


@pytest.mark.parametrize("key", ["sk-1\n", "sk-1\r\nX: y", "sk-\u00e9"])
def test_a_key_that_no_header_can_hold_is_refused_without_showing_it(key: str) -> None:
    with pytest.raises(UserError, match="api_key holds what no HTTP header may") as refused:
        endpoint("http://127.0.0.1:1", api_key=key)
    assert "sk-" not in str(refused.value)


async def test_a_redirect_is_told_and_not_followed() -> None:
    there = {"Location": "https://u:s3cret@else.where/v1/chat/completions"}
    with pytest.raises(ProviderError, match=r"308: moved to https://else\.where/v1") as moved:
        await asked((308, "", there))
    assert not moved.value.retryable
    assert "base_url" in moved.value.hint


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
        short = url.removesuffix("/v1")
        async with endpoint(short) as model:
            problem = str(await model.probe())
            assert problem == f"{short}: lists no models, but {url} does: set base_url: {url}"
    async with serving(chat, refused) as url, endpoint(url) as model:
        assert "401: bad key" in str(await model.probe())
        async with endpoint(url.removesuffix("/v1")) as bare:
            assert await bare.probe() is None, "a gateway may refuse whatever it does not know"
        secret = url.replace("//", "//user:hush@")
        async with endpoint(secret, api_key="") as named:
            assert str(await named.probe()).startswith(f"{url}: 401")
    async with serving(chat) as url, endpoint(url) as model:
        assert await model.probe() is None, "servers need not list their models"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
        async with endpoint(url) as model:
            problem = str(await model.probe())
        async with serving(chat) as other, endpoint(other, url) as model:
            assert url in str(await model.probe()), "every replica is probed"
    assert url in problem
    assert "connection failed" in problem
    assert "\n" not in problem


def test_the_key_is_not_in_the_settings_as_shown() -> None:
    assert KEY not in repr(endpoint("http://127.0.0.1:1")._settings)


def test_unknown_tokens_have_no_cost() -> None:
    price = Price(prompt=0.5, completion=2)
    assert price.cost(1_000_000, 500_000) == 1.5
    assert price.cost(0, 0) == 0
    assert price.cost(None, 1) is None
    assert price.cost(1, None) is None


NO_HOST = ["http://:80/v1", "http://[::1/v1", "http://a..b", f"http://{'a' * 64}.org", "http:///v1"]
NO_PORT = ["http://a:0", "http://a:99999/v1", "http://a:port/v1"]
NO_PATH = ["http://a/v 1", "http://a/v1?key=1", "http://a/v1#x", "http://a/v1\n"]


@pytest.mark.parametrize(
    "base_url",
    ["ftp://x", "", [], ["http://a", "b"], ["http://a", 1], 3, *NO_HOST, *NO_PORT, *NO_PATH],
)
def test_what_is_no_address_is_refused_as_one_problem(base_url: object) -> None:
    keys = {"kind": "endpoint", "base_url": base_url, "model": "m"}
    with pytest.raises(ValidationError, match="an address beginning with http") as caught:
        EndpointTeacher.model_validate_json(json.dumps(keys))
    assert [problem["loc"] for problem in caught.value.errors()] == [("base_url",)]


def test_a_list_of_addresses_names_each_once() -> None:
    keys = {"kind": "endpoint", "model": "m", "base_url": ["http://a/v1", "http://b/v1/"]}
    settings = EndpointTeacher.model_validate_json(json.dumps(keys))
    assert settings.addresses == ("http://a/v1", "http://b/v1")
    with pytest.raises(ValidationError, match="the same address twice"):
        EndpointTeacher(kind="endpoint", model="m", base_url=("http://a", "http://a/"))


@pytest.mark.parametrize(
    ("status", "message", "length"),
    [
        (400, "This model's maximum context length is 8192 tokens. However, you requested", "8192"),
        (400, "maximum model length of 4096", "4096"),
        (400, "The input (9000 tokens) is longer than the model's context length (8192", "8192"),
        (422, "`inputs` tokens + `max_new_tokens` must be <= 4096. Given: 5000", "4096"),
        (400, "the request exceeds the available context size. try increasing", "tokens the model"),
        (400, "code: context_length_exceeded", "tokens the model"),
        (413, "Prompt is too long", "tokens the model"),
    ],
)
async def test_a_request_that_is_too_long_says_which_key_to_set(
    status: int, message: str, length: str
) -> None:
    refusal: object = (status, json.dumps({"error": {"message": message}}), {})
    with pytest.raises(ProviderError) as caught:
        await asked(refusal)
    assert not caught.value.retryable
    assert "set teacher.context: " in caught.value.hint
    assert length in caught.value.hint


async def test_another_refusal_says_nothing_of_the_context() -> None:
    refusal: object = (400, json.dumps({"error": {"message": "temperature must be <= 2"}}), {})
    with pytest.raises(ProviderError) as caught:
        await asked(refusal)
    assert "context" not in str(caught.value)


async def test_the_shortest_context_of_the_replicas_counts() -> None:
    def listing(tokens: int) -> Handler:
        return in_turn({"data": [{"id": "some-model", "max_model_len": tokens}]})

    chat = in_turn(reply("x"))
    async with (
        serving(chat, listing(8192)) as one,
        serving(chat, listing(4096)) as two,
        endpoint(one, two) as model,
    ):
        assert model.served_context is None
        await model.probe()
        assert model.served_context == 4096


@pytest.mark.parametrize("date", ["Mon, 01 Jan 99999999999999999999 00:00:00 GMT", "soon", "nan"])
async def test_a_retry_after_that_is_no_time_is_none(date: str) -> None:
    assert (await asked((429, "", {"Retry-After": date}), reply("ok"))).text == "ok"


async def test_a_prompt_with_half_an_emoji_is_sent_as_it_is_filed() -> None:
    seen: list[str] = []

    async def chat(request: web.Request) -> web.Response:
        seen.append((await request.json())["messages"][0]["content"])
        return web.json_response(reply("x"))

    async with serving(chat) as url, endpoint(url) as model:
        await model.complete(ChatRequest((Message("user", "a \ud83d b"),)))
    assert seen == ["a \\ud83d b"]


@pytest.mark.parametrize("data", [5, "some-model", {"id": "some-model"}, [3, None]])
async def test_a_list_of_models_that_is_none_says_nothing(data: object) -> None:
    async with serving(in_turn(reply("x")), in_turn({"data": data})) as url, endpoint(url) as model:
        assert await model.probe() is None


@pytest.mark.parametrize(
    "fault",
    [
        (200, "<html>proxy</html>", {}),
        (429, "", {}),
        (404, "no such model", {}),
        "hangs",
    ],
)
async def test_what_one_replica_never_answers_another_does(fault: object) -> None:
    """Whatever its failure looks like, and wherever the documents belong."""

    async def hang(request: web.Request) -> web.Response:
        await anyio.sleep(30)
        return web.Response()

    limits = {"attempts": 2, "timeout": 0.5, "give_up_after": 0.05}
    bad = hang if fault == "hangs" else in_turn(fault)
    async with (
        serving(bad) as one,
        serving(in_turn(reply("x"))) as two,
        endpoint(one, two, **limits) as model,
        anyio.create_task_group() as group,
    ):
        for number in range(12):
            group.start_soon(model.complete, REQUEST, f"document {number}")


@pytest.mark.parametrize("fault", [(200, "<html>proxy</html>", {}), (404, "no such model", {})])
async def test_a_replica_that_serves_something_else_is_out_while_others_serve(
    fault: object,
) -> None:
    wrong = in_turn(fault)
    hits: list[int] = []

    async def counting(request: web.Request) -> web.StreamResponse:
        hits.append(1)
        return await wrong(request)

    async with (
        serving(counting) as one,
        serving(in_turn(reply("x"))) as two,
        endpoint(one, two, first_wait=0.02, give_up_after=60) as model,
    ):
        model._replicas._taken_out = lambda _: None  # or else it is looked at again soon
        for number in range(60):
            assert (await model.complete(REQUEST, f"document {number}")).text == "x"
        assert len(hits) == 5
        assert model.health.missing.startswith(f"no answer from {one}: going on with 1 of 2")
    async with serving(counting) as url, endpoint(url, attempts=2) as alone:
        for number in range(12):
            with pytest.raises(ProviderError, match=r"404: no such model|proxy"):
                await alone.complete(REQUEST, f"document {number}")
        assert alone.load().replicas_up == 1, "the rows hear it"


@pytest.mark.parametrize(("key", "text"), [("sk-" + "x1" * 20, "it is ***"), ("EMPTY", None)])
async def test_a_key_that_can_be_nothing_else_is_taken_out_of_answers(
    key: str, text: str | None
) -> None:
    said = f"it is {key}"
    answer = await asked(reply(said, reasoning=said), api_key=key)
    assert (answer.text, answer.reasoning) == (text or said, text or said)


async def test_a_dead_replica_is_no_reason_to_time_out_more_often() -> None:
    sent: list[str] = []

    async def hang(request: web.Request) -> web.Response:
        sent.append(await request.text())
        await anyio.sleep(30)
        return web.Response()

    limits = {"attempts": 8, "timeout": 0.1, "give_up_after": 0.3}
    with socket.socket() as dead:
        dead.bind(("127.0.0.1", 0))
        nobody = f"http://127.0.0.1:{dead.getsockname()[1]}/v1"
        async with serving(hang) as url, endpoint(url, nobody, **limits) as model:
            names = [f"document {number}" for number in range(24)]
            asking = [model.complete(REQUEST, name) for name in names]
            await asyncio.gather(*asking, return_exceptions=True)  # until the dead one is known
            assert model.load().replicas_up == 1
            sent.clear()
            with pytest.raises(ProviderError, match="no answer within"):
                await model.complete(REQUEST, "document")
    assert len(sent) <= 4


async def test_it_is_used_in_one_event_loop_after_another() -> None:
    """As the stages of a run do; each waits to ask again."""
    async with serving(in_turn((500, "", {}), reply("a"), (500, "", {}), reply("b"))) as url:
        model = endpoint(url, attempts=2)

        async def ask() -> str:
            async with model:
                return (await model.complete(REQUEST)).text

        assert [await asyncio.to_thread(asyncio.run, ask()) for _ in range(2)] == ["a", "b"]


async def test_who_is_stopped_stays_stopped() -> None:
    async with serving(in_turn("reset")) as url, endpoint(url, attempts=9) as model:
        model.stop()
        with pytest.raises(ProviderError, match="stopped"):
            await model.complete(REQUEST)


async def test_a_model_that_no_replica_knows_is_asked_of_each_once() -> None:
    unknown = in_turn((404, "no such model", {}))
    async with serving(unknown) as one, serving(unknown) as two, endpoint(one, two) as model:
        with pytest.raises(ProviderError, match="no such model") as caught, Collected() as tries:
            await model.complete(REQUEST)
    assert len(tries.attempts) == 2
    assert caught.value.retryable, "of the row: once the model is there"
