"""The simulator over real HTTP: replies, latency, slots, faults, outages and what it counts."""

from __future__ import annotations

import math
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
import anyio
import orjson
import pytest

from closedbook.config import EndpointTeacher
from closedbook.models.chat import ChatRequest
from closedbook.models.endpoint import Endpoint
from closedbook.models.rehearsal import RehearsalTeacher
from closedbook.records import Message
from closedbook.simulator import FAULTS, Simulator, SimulatorSettings

pytestmark = pytest.mark.anyio
DOCUMENT = "Heron is a town in Ardland. It was founded in 1712 by Mila Torn."
ASK = (
    f"Title: Heron\n\n<document>\n{DOCUMENT}\n</document>\n\n"
    "Write questions:\n[QUESTION] question\n[ANSWER] answer\n[EVIDENCE] sentence\n[END]"
)


@dataclass(frozen=True, slots=True)
class Got:
    """A response, read to its end."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return orjson.loads(self.body)

    @property
    def choice(self) -> Any:
        return self.json["choices"][0]

    @property
    def content(self) -> str:
        return str(self.choice["message"]["content"])


class Client:
    def __init__(self, session: aiohttp.ClientSession, simulator: Simulator) -> None:
        self._session = session
        self.simulator = simulator
        self.root = simulator.url.removesuffix("/v1")

    async def send(
        self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None
    ) -> Got:
        data = body if isinstance(body, bytes) else None if body is None else orjson.dumps(body)
        url = self.root + path
        async with self._session.request(method, url, data=data, headers=headers) as response:
            return Got(response.status, dict(response.headers), await response.read())

    async def chat(self, text: str = ASK, **keys: Any) -> Got:
        messages = [{"role": "user", "content": text}]
        body = {"model": "rehearsal", "messages": messages, **keys}
        return await self.send("POST", "/v1/chat/completions", body)


@asynccontextmanager
async def serving(reply: Any = None, **settings: Any) -> AsyncIterator[Client]:
    simulator = Simulator(SimulatorSettings(**settings), reply=reply)
    async with simulator, aiohttp.ClientSession() as session:
        yield Client(session, simulator)


async def until(client: Client, count: str, least: int) -> None:
    for _ in range(2000):
        if client.simulator.stats()[count] >= least:
            return
        await anyio.sleep(0.001)
    raise AssertionError(f"{count} did not reach {least}")


async def test_the_reply_is_a_chat_completion_of_the_rehearsal_teacher() -> None:
    expected = await RehearsalTeacher().complete(ChatRequest((Message("user", ASK),)))
    async with serving() as client:
        reply = (await client.chat(temperature=0.5)).json
    assert reply["object"] == "chat.completion"
    assert reply["model"] == "rehearsal"
    assert reply["choices"] == [
        {
            "index": 0,
            "message": {"role": "assistant", "content": expected.text},
            "finish_reason": "stop",
        }
    ]
    assert "1712" in expected.text
    assert reply["usage"]["completion_tokens"] == math.ceil(len(expected.text) / 4)


@pytest.mark.parametrize("reasoning", ["none", "field", "tags"])
async def test_our_own_client_understands_it(reasoning: str) -> None:
    async with serving(teacher="echo", reasoning=reasoning) as client:
        url = client.simulator.url
        settings = EndpointTeacher(kind="endpoint", base_url=url, model="rehearsal")
        async with Endpoint(settings) as model:
            assert await model.probe() is None
            completion = await model.complete(ChatRequest((Message("user", "hi"),)))
    assert completion.text == "A canned reply."
    assert bool(completion.reasoning) == (reasoning != "none")
    assert "<think>" not in completion.reasoning


async def test_a_callable_replies_with_the_messages_and_a_seed_per_choice() -> None:
    def reply(messages: tuple[Message, ...], seed: int) -> str:
        return f"{messages[-1].content} {seed}"

    async with serving(reply) as client:
        choices = (await client.chat("hi", seed=7, n=3)).json["choices"]
    assert [choice["message"]["content"] for choice in choices] == ["hi 7", "hi 8", "hi 9"]
    assert [choice["index"] for choice in choices] == [0, 1, 2]


async def test_max_tokens_cuts_the_reply() -> None:
    async with serving(teacher="echo") as client:
        cut = (await client.chat(max_tokens=2)).choice
        client.simulator.change(reasoning="tags")
        thinking = await client.chat(max_tokens=4)
    assert cut == {
        "index": 0,
        "message": {"role": "assistant", "content": "A canned"},
        "finish_reason": "length",
    }
    assert thinking.content.startswith("<think>")
    assert "</think>" not in thinking.content


async def test_a_request_that_cannot_be_answered_says_why() -> None:
    user = [{"role": "user", "content": "x"}]
    bodies: list[tuple[Any, int, str]] = [
        ({"model": "gpt", "messages": user}, 404, "The model `gpt` does not exist."),
        ({"model": "rehearsal"}, 400, "messages"),
        ({"model": "rehearsal", "messages": []}, 400, "messages"),
        ({"model": "rehearsal", "messages": ["x"]}, 400, "role"),
        ({"model": "rehearsal", "messages": [{"role": "user", "content": 3}]}, 400, "content"),
        ({"model": "rehearsal", "messages": user, "max_tokens": 0}, 400, "max_tokens"),
        ({"model": "rehearsal", "messages": user, "stream": True}, 400, "stream"),
        ([], 400, "object"),
        (b"{", 400, "JSON"),
    ]
    async with serving() as client:
        for body, status, words in bodies:
            refused = await client.send("POST", "/v1/chat/completions", body)
            assert refused.status == status
            assert words in refused.json["error"]["message"]
        parts = [{"type": "text", "text": ASK}]
        assert "1712" in (await client.chat(parts)).content  # type: ignore[arg-type]


async def test_addresses_the_list_of_models_and_the_key() -> None:
    body = {"model": "m", "messages": [{"role": "user", "content": "x"}]}
    key = {"Authorization": "Bearer k"}
    async with serving(model="m", api_key="k") as client:
        for method, path in (("GET", "/v1/models"), ("POST", "/v1/chat/completions")):
            sent = body if method == "POST" else None
            assert (await client.send(method, path, sent)).status == 401
            assert (await client.send(method, path, sent, {"Authorization": "k"})).status == 401
            assert (await client.send(method, path, sent, key)).status == 200
        for method, path in (("GET", "/models"), ("POST", "/a/v1/chat/completions")):
            assert (await client.send(method, path, body, key)).status == 404
        listed = (await client.send("GET", "/v1/models", headers=key)).json
    assert [model["id"] for model in listed["data"]] == ["m"]


async def test_an_answer_takes_its_latency() -> None:
    async with serving(teacher="echo", latency=0.3, sigma=0.0) as client:
        started = anyio.current_time()
        await client.chat()
        assert anyio.current_time() - started >= 0.3


async def test_slots_bound_what_is_served_and_the_queue_what_waits() -> None:
    statuses: list[int] = []

    async def chat(client: Client, text: str) -> None:
        got = await client.chat(text)
        statuses.append(got.status)
        if got.status == 429:
            assert got.headers["Retry-After"] == "7"

    settings = {"latency": 0.2, "sigma": 0.0, "slots": 2, "queue": 3, "retry_after": 7.0}
    async with serving(teacher="echo", **settings) as client:
        async with anyio.create_task_group() as group:
            for number in range(8):
                group.start_soon(chat, client, str(number))
        stats = client.simulator.stats()
    assert statuses == [429, 429, 429, 200, 200, 200, 200, 200]
    assert stats["answered"] == {"200": 5, "429": 3}
    assert stats["slot_seconds"] == pytest.approx(1.0, rel=0.3)
    assert 1 < stats["mean_busy_slots"] <= 2
    assert stats["peak_in_flight"] <= 8


async def test_who_came_first_is_served_first() -> None:
    served: list[str] = []

    def reply(messages: tuple[Message, ...], seed: int) -> str:
        served.append(messages[-1].content)
        return "x"

    async with (
        serving(reply, latency=0.02, sigma=0.0, slots=1) as client,
        anyio.create_task_group() as group,
    ):
        for number in range(6):
            group.start_soon(client.chat, str(number))
            await until(client, "received", number + 1)
    assert served == list("012345")


async def test_more_slots_let_the_waiting_in_at_once() -> None:
    async with serving(teacher="echo", latency=0.5, sigma=0.0, slots=1) as client:
        started = anyio.current_time()
        async with anyio.create_task_group() as group:
            for number in range(4):
                group.start_soon(client.chat, str(number))
            await until(client, "waiting", 3)
            changed = await client.send("POST", "/control", {"slots": 8})
            assert changed.json["slots"] == 8
            assert client.simulator.stats()["waiting"] == 0
        assert anyio.current_time() - started < 1.4


async def test_a_client_that_gives_up_frees_its_slot() -> None:
    async with serving(teacher="echo", slots=1, faults={"hang": 1.0}) as client:
        with anyio.move_on_after(0.1):
            await client.chat("never answered")
        client.simulator.change(faults={})
        with anyio.fail_after(2):
            assert (await client.chat("next")).status == 200
        stats = client.simulator.stats()
    assert stats["answered"] == {"abandoned": 1, "200": 1}
    assert stats["in_flight"] == stats["waiting"] == 0


async def test_faults_come_at_their_rates_and_a_retry_is_drawn_anew() -> None:
    rates = {"server_error": 0.2, "rate_limit": 0.3, "empty": 0.1}

    async def statuses() -> list[int]:
        async with serving(teacher="echo", faults=rates) as client:
            return [(await client.chat(str(number % 150))).status for number in range(300)]

    first = await statuses()
    assert 35 <= first.count(500) <= 85
    assert 65 <= first.count(429) <= 115
    retried = [
        after for before, after in zip(first[:150], first[150:], strict=True) if before > 200
    ]
    assert 0.3 < retried.count(200) / len(retried) < 0.7
    assert await statuses() == first


async def test_a_request_with_the_marked_text_always_fails() -> None:
    async with serving(teacher="echo", fail_containing="Mila Torn") as client:
        for _ in range(5):
            assert (await client.chat("Who was Mila Torn?")).status == 500
        assert (await client.chat("Who is Jon Reef?")).status == 200


TAGGED = "[ANSWER] Jon Reef <b>is</b> it\n[END]"


@pytest.mark.parametrize(
    ("fault", "status", "content", "finish_reason"),
    [
        ("malformed", 200, " Jon Reef is it\n", "stop"),
        ("empty", 200, "", "stop"),
        ("content_filter", 200, "", "content_filter"),
        ("slow_body", 200, TAGGED, "stop"),
        ("no_usage", 200, TAGGED, "stop"),
    ],
)
async def test_a_fault_in_a_completion(
    fault: str, status: int, content: str, finish_reason: str
) -> None:
    settings = {"faults": {fault: 1.0}, "slow_body_seconds": 0.1}
    async with serving(lambda messages, seed: TAGGED, **settings) as client:
        got = await client.chat()
    assert (got.status, got.content) == (status, content)
    assert got.choice["finish_reason"] == finish_reason
    assert ("usage" in got.json) == (fault != "no_usage")


@pytest.mark.parametrize("reasoning", ["none", "field", "tags"])
async def test_thinking_that_was_cut_off(reasoning: str) -> None:
    async with serving(reasoning=reasoning, faults={"truncated_thinking": 1.0}) as client:
        choice = (await client.chat()).choice
    assert choice["finish_reason"] == "length"
    message = choice["message"]
    if reasoning == "field":
        assert message["reasoning_content"]
        assert message["content"] == ""
    else:
        assert message["content"].startswith("<think>\n")
        assert "</think>" not in message["content"]


async def test_a_fault_in_place_of_a_completion() -> None:
    async with serving(teacher="echo") as client:

        async def chat(fault: str) -> Got:
            client.simulator.change(faults={fault: 1.0})
            return await client.chat(fault)

        page, gateway = await chat("html"), await chat("bad_gateway")
        assert (page.status, gateway.status) == (200, 502)
        assert page.headers["Content-Type"] == gateway.headers["Content-Type"] == "text/html"
        broken = await chat("invalid_json")
        assert broken.status == 200
        with pytest.raises(orjson.JSONDecodeError):
            orjson.loads(broken.body)
        assert (await chat("server_error")).json["error"]["code"] == 500
        assert (await chat("rate_limit")).headers["Retry-After"] == "1"
        with pytest.raises(aiohttp.ClientError):
            await chat("reset")
        answered = client.simulator.stats()["answered"]
    assert answered == {"200": 2, "502": 1, "500": 1, "429": 1, "reset": 1}


async def test_an_outage_resets_connections_those_in_flight_too_and_ends() -> None:
    async with serving(teacher="echo", latency=0.3, sigma=0.0) as client:

        async def lost() -> None:
            with pytest.raises(aiohttp.ClientError):
                await client.chat("in flight")

        async with anyio.create_task_group() as group:
            group.start_soon(lost)
            await until(client, "in_flight", 1)
            await client.send("POST", "/control", {"down": True, "latency": 0.0})
        with pytest.raises(aiohttp.ClientError):
            await client.chat()
        with pytest.raises(aiohttp.ClientError):
            await client.send("GET", "/v1/models")
        await client.send("POST", "/control", {"down": False})
        assert (await client.chat()).status == 200


async def test_control_refuses_what_cannot_be_and_changes_nothing() -> None:
    async with serving() as client:
        before = client.simulator.settings
        for changes, words in (
            ({"slots": 0}, "slots: "),
            ({"slot": 1}, "slot: "),
            ({"faults": {"rest": 0.1}}, "faults.rest: "),
            ({"faults": {"reset": 0.6, "hang": 0.6}}, "faults: the rates add up to 1.2"),
            ([], "object"),
        ):
            refused = await client.send("POST", "/control", changes)
            assert refused.status == 400
            assert words in refused.json["error"]["message"]
            assert "\n" not in refused.json["error"]["message"]
        assert client.simulator.settings == before
        faults = {fault: 1 / len(FAULTS) for fault in FAULTS}
        assert (await client.send("POST", "/control", {"faults": faults})).status == 200


async def test_stats_tell_requests_apart_from_their_repetition() -> None:
    async with serving(teacher="echo", faults={"server_error": 1.0}) as client:
        await client.chat("failed before")
        client.simulator.change(faults={})
        for text in ("failed before", "twice", "twice", "once"):
            await client.chat(text)
        await client.chat("once", temperature=0.1)
        stats = (await client.send("GET", "/stats")).json
        assert (stats["received"], stats["distinct"], stats["repeated"]) == (6, 4, 1)
        assert stats["answered"] == {"500": 1, "200": 5}
        assert stats["completion_tokens"] == 5 * 4
        assert stats["in_flight"] == 0
        assert 0 < stats["wall_seconds"] < 30
        fresh = (await client.send("POST", "/stats/reset")).json
        assert fresh["received"] == fresh["distinct"] == fresh["prompt_tokens"] == 0


async def test_stats_tell_how_busy_it_was_while_work_was_left() -> None:
    async with serving(teacher="echo", latency=0.2, sigma=0.0, slots=2) as client:
        async with anyio.create_task_group() as group:
            for number in range(3):
                group.start_soon(client.chat, f"{number}")
        # Two slots were busy until the third request began, and one after that.
        until_third = (await client.send("GET", "/stats?until=3")).json
        assert until_third["mean_busy_until"] == pytest.approx(2.0, rel=0.2)
        assert until_third["mean_busy_slots"] == pytest.approx(1.5, rel=0.2)
        assert (await client.send("GET", "/stats?until=4")).json["mean_busy_until"] is None
        assert (await client.send("GET", "/stats?until=x")).status == 400


async def test_prompts_that_begin_alike_are_cached_by_blocks() -> None:
    shared = "a" * 640
    async with serving(teacher="echo", cache_blocks=16) as client:

        async def cached(text: str) -> int:
            usage = (await client.chat(text)).json["usage"]
            return int(usage["prompt_tokens_details"]["cached_tokens"])

        assert await cached(shared + "one") == 0
        assert await cached(shared + "two") == 160
        assert await cached("b" + shared) == 0
        assert await cached("c" * 1024) == 0, "this fills the whole cache"
        assert await cached(shared + "two") == 0
        assert client.simulator.stats()["cached_tokens"] == 160
        client.simulator.reset()
        assert await cached(shared + "two") == 0


@pytest.mark.parametrize("odd", [0, -1, "3", 1.5, 10**12])
async def test_texts_are_embedded_and_ranked_for_numbers_that_can_be(odd: object) -> None:
    embed: dict[str, Any] = {"model": "m", "input": ["a"]}
    rank = {"model": "m", "query": "a", "documents": ["a", "b"]}
    async with serving() as client:
        refused = await client.send("POST", "/v1/embeddings", {**embed, "dimensions": odd})
        assert (refused.status, "dimensions" in refused.json["error"]["message"]) == (400, True)
        ranked = await client.send("POST", "/v1/rerank", {**rank, "top_n": odd})
        assert ranked.status == (200 if odd == 10**12 else 400)
