"""Rows walk their own way, come out in order, and every one of them is accounted for."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import anyio
import pytest

from closedbook.config import Caps
from closedbook.engine import (
    Ask,
    Asker,
    Budget,
    Child,
    Dropped,
    Engine,
    Lane,
    Role,
    Row,
    Tally,
    Unanswered,
    Yield,
    watching,
)
from closedbook.errors import AuthError, BudgetExhausted, ProviderError, RunError, StepError
from closedbook.events import AskingProgress, Event
from closedbook.models.chat import ChatModel, ChatRequest, Health, Sampling
from closedbook.records import Completion, Message
from closedbook.store.journal import Journal


class Model(ChatModel):
    """Echoes; waits a random moment; raises the fault of a text that is asked."""

    identity = "echo"

    def __init__(self, seed: int = 0, faults: dict[str, Exception] | None = None) -> None:
        self.chance = random.Random(seed)
        self.faults = faults or {}
        self.asked: list[str] = []

    async def complete(self, request: ChatRequest, affinity: str = "") -> Completion:
        text = request.messages[0].content
        self.asked.append(text)
        await anyio.sleep(self.chance.random() * 0.002)
        for part, fault in self.faults.items():
            if part in text:
                raise fault
        return Completion(text)


class Counting(Model):
    """Says that every answer took twelve tokens."""

    async def complete(self, request: ChatRequest, affinity: str = "") -> Completion:
        answer = await super().complete(request)
        return replace(answer, prompt_tokens=10, completion_tokens=2)


@dataclass
class Fork:
    """Asks in each branch and makes `width` children of the reply."""

    name: str
    branches: int = 2
    width: int = 2
    seen: list[str] = field(default_factory=list)

    async def run(self, row: Row, branch: int, ask: Ask, /) -> Sequence[Child]:
        text = f"{row.columns['text']}.{branch}"
        reply = await ask(ChatRequest((Message("user", text),)))
        self.seen.append(row.id)
        return [{"text": f"{reply.text}{index}"} for index in range(self.width)]


@dataclass
class Sieve:
    """Drops rows whose text ends with `ending`; cannot use those that hold `bad`."""

    ending: str
    bad: str = "?"
    name: str = "sieve"
    branches: int = 1

    async def run(self, row: Row, _branch: int, _ask: Ask, /) -> Sequence[Child]:
        text = row.columns["text"]
        if self.bad in text:
            raise StepError("bad row")
        return [Dropped("sieved", "why", text)] if text.endswith(self.ending) else [{}]


def sources(count: int) -> list[Row]:
    return [Row(f"id{n}", f"{n}.md", {"text": f"d{n}"}) for n in range(count)]


def run(
    model: Model,
    folder: Path,
    lanes: Sequence[Lane],
    count: int = 6,
    open_rows: int = 4,
    budget: Budget | None = None,
    rows: Sequence[Row] = (),
) -> tuple[list[Yield], list[Event]]:
    events: list[Event] = []

    given: dict[int, Sequence[Yield]] = {}

    async def keep(ordinal: int, yields: Sequence[Yield]) -> None:
        given[ordinal] = yields

    async def main() -> None:
        async with Journal.open(folder / "journal.sqlite") as journal:
            asker = Asker({"teacher": Role(model)}, journal, budget)
            engine = Engine("generate", lanes, asker, events.append, open_rows=open_rows)
            await engine.run(rows or sources(count), count, keep)

    anyio.run(main)
    return [part for ordinal in sorted(given) for part in given[ordinal]], events


def texts(yields: Sequence[Yield]) -> list[str]:
    return [row.columns["text"] for part in yields for row in part.rows]


def two_forks() -> Lane:
    return Lane("lane", (Fork("one"), Fork("two")))


def test_order_and_identities_do_not_depend_on_timing(tmp_path: Path) -> None:
    results = []
    for seed in range(3):
        yields, _ = run(Model(seed), tmp_path / str(seed), [two_forks()])
        results.append(yields)
    assert results[0] == results[1] == results[2]
    expected = [
        f"d{n}.{a}{i}.{b}{j}"
        for n in range(6)
        for a in "01"
        for i in "01"
        for b in "01"
        for j in "01"
    ]
    assert texts(results[0]) == expected
    ids = [row.id for part in results[0] for row in part.rows]
    assert len(set(ids)) == len(ids)


def test_every_row_ends_as_output_or_rejection(tmp_path: Path) -> None:
    lane = Lane("lane", (Fork("fork"), Sieve(ending=".11", bad="d3.0")))
    yields, _ = run(Model(), tmp_path, [lane])
    rejections = [rejection for part in yields for rejection in part.rejections]
    assert len(texts(yields)) + len(rejections) == 6 * 4
    assert {(r.stage, r.step, r.reason, r.raw) for r in rejections if r.subject == "2.md"} == {
        ("generate", "sieve", "sieved", "d2.11")
    }
    unusable = [r for r in rejections if r.detail == "bad row"]
    assert [r.subject for r in unusable] == ["3.md", "3.md"]


def test_every_source_row_walks_every_lane(tmp_path: Path) -> None:
    lanes = [Lane("a", (Fork("x", 1, 1),)), Lane("b", (Fork("y", 1, 2),))]
    yields, _ = run(Model(), tmp_path, lanes, count=2)
    assert [(part.lane, texts([part])) for part in yields] == [
        ("a", ["d0.00"]),
        ("b", ["d0.00", "d0.01"]),
        ("a", ["d1.00"]),
        ("b", ["d1.00", "d1.01"]),
    ]


def test_a_row_does_not_wait_for_the_others(tmp_path: Path) -> None:
    """One slow branch of the first step must not hold up the second step of the rest."""
    order: list[str] = []

    class Slow(Model):
        async def complete(self, request: ChatRequest, affinity: str = "") -> Completion:
            text = request.messages[0].content
            await anyio.sleep(0.2 if text == "d0.0" else 0)
            order.append(text)
            return Completion(text)

    run(Slow(), tmp_path, [two_forks()], count=2)
    assert order.index("d0.0") > order.index("d0.11.0")


def test_at_most_so_many_source_rows_are_open(tmp_path: Path) -> None:
    model = Model()
    run(model, tmp_path, [Lane("lane", (Fork("one", 1, 1), Fork("two", 1, 1)))], 6, open_rows=1)
    assert [text[:2] for text in model.asked] == [f"d{n}" for n in range(6) for _ in "ab"]


def test_progress_is_told_to_the_end(tmp_path: Path) -> None:
    _, events = run(Model(), tmp_path, [two_forks()])
    progress = [event for event in events if isinstance(event, AskingProgress)]
    last = progress[-1]
    assert (last.done, last.total, last.asks, last.from_journal) == (6, 6, 60, 0)
    assert (last.in_flight, last.waiting, last.rejected, last.to_retry) == (0, 0, {}, 0)
    assert (last.usd, last.seconds_left) == (None, 0)


class Waiting(Counting):
    """Says that it sends two requests at a time; keeps those of the last document for long."""

    health = Health(in_flight=2)

    async def complete(self, request: ChatRequest, affinity: str = "") -> Completion:
        await anyio.sleep(0.3 if affinity == "5.md" else 0)
        return await super().complete(request)


def test_what_is_begun_is_in_flight_or_waits_and_takes_its_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "TELL_EVERY", 0.05)
    lane = Lane("lane", (Fork("one", branches=4, width=1),))
    _, events = run(Waiting(), tmp_path, [lane])
    told = [event for event in events if isinstance(event, AskingProgress) and event.done == 5]
    assert {(event.in_flight, event.waiting) for event in told[:-1]} == {(2, 2)}
    left = [event.seconds_left or 0 for event in told[:-1]]
    assert left[-1] > 0.15, "it takes at least as long as nobody was answered"


def test_a_lasting_fault_loses_only_its_own_rows_and_is_asked_again(tmp_path: Path) -> None:
    fault = ProviderError("500: broken", retryable=True)
    yields, _ = run(Model(faults={"d5.1": fault}), tmp_path, [two_forks()])
    assert len(texts(yields)) == 5 * 16 + 8
    assert [failure for part in yields for failure in part.unanswered] == [
        Unanswered("one", "5.md", "500: broken")
    ]
    again = Model()
    yields, _ = run(again, tmp_path, [two_forks()])
    assert sorted(again.asked) == ["d5.1", "d5.10.0", "d5.10.1", "d5.11.0", "d5.11.1"]
    assert len(texts(yields)) == 6 * 16


def test_a_request_refused_for_good_is_a_rejection(tmp_path: Path) -> None:
    fault = ProviderError("400: too long", retryable=False)
    yields, _ = run(Model(faults={"d5.1": fault}), tmp_path, [two_forks()])
    (rejection,) = [r for part in yields for r in part.rejections]
    assert (rejection.step, rejection.subject) == ("one", "5.md")
    assert (rejection.reason, rejection.detail) == ("refused by the endpoint", "400: too long")
    assert len(texts(yields)) == 5 * 16 + 8


@pytest.mark.parametrize("retryable", [True, False])
def test_an_endpoint_that_fails_for_everything_is_left_alone(
    tmp_path: Path, retryable: bool
) -> None:
    model = Model(faults={"d": ProviderError("404: no such model", retryable=retryable)})
    with pytest.raises(RunError, match="failed for 20 documents in a row: 404: no such model"):
        run(model, tmp_path, [two_forks()], count=200, open_rows=8)
    assert len(model.asked) < 2 * 40


def test_a_refused_key_stops_the_run_with_that_error(tmp_path: Path) -> None:
    model = Model(faults={"d2": AuthError("401: no")})
    with pytest.raises(AuthError, match="401: no"):
        run(model, tmp_path, [two_forks()])


def test_no_source_rows_are_no_work(tmp_path: Path) -> None:
    assert run(Model(), tmp_path, [two_forks()], count=0) == ([], [])


def test_every_step_accounts_for_its_rows(tmp_path: Path) -> None:
    lane = Lane("lane", (Fork("fork"), Sieve(ending=".11", bad="d3.0")))
    fault = ProviderError("500: broken", retryable=True)
    yields, _ = run(Model(faults={"d5.1": fault}), tmp_path, [lane])
    whole = {"fork": Tally(), "sieve": Tally()}
    for part in yields:
        for name, tally in part.steps.items():
            whole[name].add(tally)
    assert whole["fork"] == Tally(rows=12, made=22, failed=1, asks=11, uncounted=11, unpriced=11)
    assert whole["sieve"] == Tally(rows=22, made=15, rejected=7)


def test_a_spent_budget_stops_new_requests_and_keeps_what_was_on_its_way(tmp_path: Path) -> None:
    model = Model()
    with pytest.raises(
        BudgetExhausted,
        match="pass the budget of 10 requests: 10 requests spent, and it may take up to 1 request",
    ):
        run(model, tmp_path, [two_forks()], count=50, budget=Budget(Caps(requests=10)))
    assert len(model.asked) == 10
    again = Model()
    yields, _ = run(again, tmp_path, [two_forks()], count=50)
    assert len(texts(yields)) == 50 * 16
    assert len(again.asked) == 50 * 10 - 10


def test_a_budget_is_used_up_whatever_is_set_aside_meanwhile(tmp_path: Path) -> None:
    """Each request sets aside 4,096 tokens and takes 12: all fit, if some wait for others."""
    caps = Caps(tokens=10_000)
    yields, _ = run(Counting(), tmp_path, [two_forks()], count=20, budget=Budget(caps))
    assert len(texts(yields)) == 20 * 16


def test_who_waits_for_the_budget_is_told_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "TELL_EVERY", 0.05)
    lane, budget = Lane("lane", (Fork("one", branches=4, width=1),)), Budget(Caps(tokens=10_000))
    _, events = run(Waiting(), tmp_path, [lane], budget=budget)
    told = [event for event in events if isinstance(event, AskingProgress)]
    assert all(event.for_budget <= event.waiting for event in told)
    assert any(event.for_budget for event in told)
    assert not told[-1].for_budget


def test_a_few_slow_failures_at_the_end_are_not_an_outage(tmp_path: Path) -> None:
    class Late(Model):
        async def complete(self, request: ChatRequest, affinity: str = "") -> Completion:
            if int(affinity.removesuffix(".md")) % 5 == 0:
                await anyio.sleep(0.3)
                raise ProviderError("500: broken", retryable=True)
            return await super().complete(request)

    yields, _ = run(Late(), tmp_path, [two_forks()], count=150, open_rows=150)
    assert len(texts(yields)) == 120 * 16
    assert sum(len(part.unanswered) for part in yields) == 60


def test_an_endpoint_that_answers_nothing_at_all_stops_even_a_small_run(tmp_path: Path) -> None:
    model = Model(faults={"d": ProviderError("404: no such model", retryable=False)})
    with pytest.raises(RunError, match="404: no such model"):
        run(model, tmp_path, [two_forks()], count=3)


def test_documents_asked_about_in_vain_stop_the_run_until_it_is_run_again(tmp_path: Path) -> None:
    lanes = [Lane("lane", (Fork("one", branches=1, width=1), Sieve("0")))]
    first, again = Model(), Model()
    for model, asked in ((first, range(100, 140)), (again, range(200, 280))):
        with pytest.raises(
            RunError, match=r"none of the first \d+ documents gave anything: sieved"
        ):
            run(model, tmp_path, lanes, count=1000, open_rows=16)
        assert len(set(first.asked + again.asked)) in asked, "what is answered is kept"
    assert not set(first.asked) & set(again.asked)


def test_documents_that_fail_first_do_not_stop_a_run_whose_first_one_is_slow(
    tmp_path: Path,
) -> None:
    class Thorough(Model):
        async def complete(self, request: ChatRequest, affinity: str = "") -> Completion:
            if affinity != "0.md":
                return await super().complete(request)
            while len(self.asked) < 299:  # noqa: ASYNC110
                await anyio.sleep(0.01)
            return Completion("fruit")

    lanes = [Lane("lane", (Fork("one", branches=1, width=1), Sieve("00")))]
    yields, _ = run(Thorough(), tmp_path, lanes, count=300, open_rows=16)
    assert texts(yields) == ["fruit0"]


@pytest.mark.parametrize("count", [3, 200])
def test_a_run_that_ends_so_says_what_a_look_at_the_model_finds(tmp_path: Path, count: int) -> None:
    class Misplaced(Model):
        async def probe(self) -> str | None:
            await anyio.sleep(0.01)
            return "http://h lists no models, but http://h/v1 does"

    model = Misplaced(faults={"d": ProviderError("404: no", retryable=False)})
    with pytest.raises(RunError, match="documents in a row: 404: no") as caught:
        run(model, tmp_path, [two_forks()], count=count, open_rows=8)
    assert caught.value.hint.startswith("http://h lists no models, but http://h/v1 does; once")


class Short(Model):
    """Cuts answers off at its limit; has no room for more than 200 tokens."""

    async def complete(self, request: ChatRequest, affinity: str = "") -> Completion:
        limit = request.sampling.max_tokens or 50
        self.asked.append(f"{request.messages[0].content} in {limit}")
        if limit > 200:
            raise ProviderError("400: too long", retryable=False)
        finished = "long" not in request.messages[0].content or limit >= 100
        return Completion(f"{limit}", "", "stop" if finished else "length", 10, min(limit, 80))


@dataclass
class Once:
    """Asks for the text of a row, with a limit of its own if there is one."""

    limit: int | None = None
    name: str = "once"
    branches: int = 1

    async def run(self, row: Row, _branch: int, ask: Ask, /) -> Sequence[Child]:
        sampling = Sampling(max_tokens=self.limit)
        reply = await ask(ChatRequest((Message("user", row.columns["text"]),), sampling))
        return [{"text": f"{reply.text} {reply.finish_reason}"}]


@pytest.mark.parametrize(
    ("limit", "asked", "text"),
    [
        (60, ["long in 60", "long in 120"], "120 stop"),
        (40, ["long in 40", "long in 80"], "80 length"),
        (None, ["long in 50", "long in 100"], "100 stop"),
    ],
)
def test_an_answer_cut_off_by_its_limit_is_asked_for_once_with_a_larger_one(
    tmp_path: Path, limit: int | None, asked: list[str], text: str
) -> None:
    model, lane = Short(), Lane("lane", (Once(limit),))
    for _ in range(2):  # the second time from the journal
        yields, _ = run(model, tmp_path, [lane], 1, rows=[Row("id", "a.md", {"text": "long"})])
        assert (texts(yields), model.asked) == ([text], asked)
    assert yields[0].steps["once"].asks == yields[0].steps["once"].from_journal == 2


def test_where_there_is_no_room_for_more_the_cut_answer_is_used(tmp_path: Path) -> None:
    class Full(Short):
        async def complete(self, request: ChatRequest, affinity: str = "") -> Completion:
            answer = await super().complete(request)
            return replace(answer, finish_reason="length")

    yields, _ = run(Full(), tmp_path, [Lane("lane", (Once(150),))], 1)
    assert texts(yields) == ["150 length"]
