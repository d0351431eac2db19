"""No answer is bought twice, and none is given out before it is kept."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import anyio
import pytest

from closedbook.config import Caps, Price
from closedbook.engine import Account, Asker, Budget, Cost, Role, request_key
from closedbook.errors import BudgetExhausted, ProviderError
from closedbook.models.attempts import Attempt, about_to_send, note_attempt
from closedbook.models.chat import ChatModel, ChatRequest, Sampling
from closedbook.records import Completion, Message
from closedbook.store.journal import Journal, storable

PRICE = Price(prompt=1, completion=2)
pytestmark = pytest.mark.anyio


class Model(ChatModel):
    """Answers every request after a moment, or fails as told; remembers what it was asked."""

    def __init__(self, identity: str = "model", fault: ProviderError | None = None) -> None:
        self._identity = identity
        self.fault = fault
        self.asked: list[str] = []

    @property
    def identity(self) -> str:
        return self._identity

    async def complete(self, request: ChatRequest, affinity: str = "") -> Completion:
        self.asked.append(request.messages[-1].content)
        await anyio.sleep(0.001)
        if self.fault is not None:
            note_attempt(Attempt("429: busy", 0.1))
            note_attempt(Attempt("500: broken", 0.2))
            raise self.fault
        return Completion(f"answer {len(self.asked)}", prompt_tokens=10, completion_tokens=2)


def request(text: str = "hello", sample: int = 0, **sampling: float) -> ChatRequest:
    return ChatRequest((Message("user", text),), Sampling(**sampling), sample)  # type: ignore[arg-type]


@asynccontextmanager
async def asking(model: Model, folder: Path) -> AsyncIterator[Asker]:
    async with Journal.open(folder / "journal.sqlite") as journal:
        yield Asker({"teacher": Role(model, PRICE)}, journal)


async def ask(asker: Asker, asked: ChatRequest) -> str:
    return (await asker.ask(asked, step="flow/ask", document="a.md")).completion.text


async def test_a_later_run_asks_nothing_that_was_answered(tmp_path: Path) -> None:
    first, second = Model(), Model()
    async with asking(first, tmp_path) as asker:
        answer = await ask(asker, request())
        assert asker.budget.spent == Cost(1, 12, 0.000014)
    async with asking(second, tmp_path) as asker:
        assert await ask(asker, request()) == answer
        assert asker.budget.spent == Cost()
    assert (len(first.asked), len(second.asked)) == (1, 0)


async def test_equal_requests_in_flight_are_sent_once(tmp_path: Path) -> None:
    model = Model()
    answers: list[str] = []

    async def keep(asker: Asker) -> None:
        answers.append(await ask(asker, request()))

    async with asking(model, tmp_path) as asker:
        async with anyio.create_task_group() as group:
            for _ in range(20):
                group.start_soon(keep, asker)
        assert asker.budget.spent.requests == 1
    assert answers == ["answer 1"] * 20
    assert len(model.asked) == 1


async def test_whatever_could_change_the_answer_is_another_request() -> None:
    keys = {
        request_key("model", request()),
        request_key("other", request()),
        request_key("model", request("hello!")),
        request_key("model", request(sample=1)),
        request_key("model", request(temperature=0.5)),
        request_key("model", request(top_p=0.5)),
        request_key("model", request(max_tokens=5)),
        request_key("model", ChatRequest((Message("system", "hello"),))),
        request_key("model", ChatRequest((Message("user", "hel"), Message("user", "lo")))),
    }
    assert len(keys) == 9
    assert request_key("model", request("\ud83d \x00")) == request_key(
        "model", request("\ud83d \x00")
    )


async def test_a_failure_is_not_kept_as_an_answer_but_its_attempts_are(tmp_path: Path) -> None:
    model = Model(fault=ProviderError("500: broken", retryable=True))
    async with asking(model, tmp_path) as asker:
        with pytest.raises(ProviderError):
            await ask(asker, request())
        model.fault = None
        assert await ask(asker, request()) == "answer 2"
        assert asker.budget.spent.requests == 3
    connection = sqlite3.connect(tmp_path / "journal.sqlite")
    outcomes = connection.execute("SELECT outcome, document, completion_tokens FROM calls")
    assert outcomes.fetchall() == [
        ("429: busy", "a.md", None),
        ("500: broken", "a.md", None),
        ("ok", "a.md", 2),
    ]
    connection.close()


async def test_who_waited_for_an_equal_request_fails_with_it(tmp_path: Path) -> None:
    model = Model(fault=ProviderError("500: broken", retryable=True))
    failed = 0

    async def fail(asker: Asker) -> None:
        nonlocal failed
        with pytest.raises(ProviderError):
            await ask(asker, request())
        failed += 1

    async with asking(model, tmp_path) as asker, anyio.create_task_group() as group:
        for _ in range(3):
            group.start_soon(fail, asker)
    assert failed == 3
    assert len(model.asked) == 1


class Sender(Model):
    """Sends as a client does; does not come back if told to hang."""

    hangs = False

    async def complete(self, request: ChatRequest, affinity: str = "") -> Completion:
        await about_to_send()
        if self.hangs:
            await anyio.sleep_forever()
        return await super().complete(request, affinity)


async def test_a_budget_knows_what_a_killed_run_had_sent(tmp_path: Path) -> None:
    """The journal is copied while the request is on its way: that is what `kill -9` leaves."""
    model, path = Sender(), tmp_path / "journal.sqlite"
    role = Role(model, PRICE, max_tokens=100)
    async with Journal.open(path) as journal:
        asker = Asker({"teacher": role}, journal, Budget(Caps(requests=9)))
        await ask(asker, request("one"))
        model.hangs = True
        async with anyio.create_task_group() as group:
            group.start_soon(ask, asker, request("two"))
            await anyio.sleep(0.2)
            killed = tmp_path / "killed.sqlite"
            with closing(sqlite3.connect(path)) as live, closing(sqlite3.connect(killed)) as copy:
                live.backup(copy)
            group.cancel_scope.cancel()
    account = Account({"teacher": role}, killed, Caps(requests=2))
    async with account.asker() as later:
        most = role.most(request("two"))
        spent = later.budget.spent
        assert (spent.requests, spent.tokens) == (2, 12 + most.tokens)
        assert spent.usd == pytest.approx(0.000014 + (most.usd or 0))
        with pytest.raises(BudgetExhausted):
            await ask(later, request("three"))
        assert await ask(later, request("one")) == "answer 1"


async def test_any_text_of_any_length_comes_back_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A megabyte each way, on a machine whose clock jumps a day back between the two runs."""
    odd = "\x00 \ud83d \u2028 \U0001f30a e\u0301 \ufeff"
    asked = request(odd + "x" * 1_000_000)

    class Echo(Model):
        async def complete(self, request: ChatRequest, affinity: str = "") -> Completion:
            await super().complete(request)
            return Completion(request.messages[0].content, odd)

    answers: list[object] = []
    for now in (1_800_000_000.0, 1_799_913_600.0):
        monkeypatch.setattr(time, "time", lambda now=now: now)
        model = Echo()
        async with asking(model, tmp_path) as asker:
            answers.append(await ask(asker, asked))
            await ask(asker, request(f"at {now}"))
        answers.append(model.asked)
    assert answers[0] == answers[2] == storable(odd) + "x" * 1_000_000
    assert answers[1::2] == [[asked.messages[0].content, "at 1800000000.0"], ["at 1799913600.0"]]


def test_the_most_that_a_prompt_can_be_is_reckoned_in_bytes() -> None:
    role = Role(Model(), max_tokens=10)
    tokens = [role.most(request(text)).tokens - 10 for text in ("a" * 300, "漢" * 300, "\ud83d")]
    assert tokens == [101, 301, 2]
