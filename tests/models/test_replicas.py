"""Which replica a request goes to, in which order requests wait, and what an outage does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

import anyio
import pytest

from closedbook.errors import ProviderError
from closedbook.models.replicas import TAKEN_OUT_AFTER, Load, Replica, Replicas, Slot
from closedbook.models.replies import Outcome

pytestmark = pytest.mark.anyio
URLS = ("http://one", "http://two", "http://three")
DOCUMENTS = [f"document {number}" for number in range(60)]


class Out(list[Replica]):
    """Which replicas were taken out."""


def replicas(urls: Sequence[str] = URLS, bound: int = 4, out: Out | None = None) -> Replicas:
    return Replicas(urls, bound, 0.1, (out if out is not None else Out()).append)


async def place(pool: Replicas, document: str, outcome: Outcome = Outcome.SERVED) -> str:
    async with pool.slot(document) as slot:
        slot.outcome = outcome
        return slot.replica.url


async def places(pool: Replicas) -> dict[str, str]:
    return {document: await place(pool, document) for document in DOCUMENTS}


async def fail(pool: Replicas, url: str) -> None:
    """Take a replica out."""
    document = next(name for name, home in (await places(pool)).items() if home == url)
    for _ in range(TAKEN_OUT_AFTER):
        assert await place(pool, document, Outcome.UNREACHABLE) == url


@asynccontextmanager
async def holding(pool: Replicas, number: int, affinity: str = "") -> AsyncIterator[list[Slot]]:
    async with AsyncExitStack() as stack:
        slots = [pool.slot(affinity) for _ in range(number)]
        yield [await stack.enter_async_context(slot) for slot in slots]


async def test_a_document_stays_at_its_replica_and_all_replicas_have_some() -> None:
    pool = replicas()
    first = await places(pool)
    assert set(first.values()) == set(URLS)
    assert await places(pool) == first


async def test_losing_a_replica_moves_only_its_documents_and_they_come_back() -> None:
    out = Out()
    pool = replicas(out=out)
    before = await places(pool)
    await fail(pool, "http://two")
    assert [replica.url for replica in out] == ["http://two"]
    during = await places(pool)
    assert "http://two" not in during.values()
    assert all(during[name] == url for name, url in before.items() if url != "http://two")
    pool.bring_back(out[0])
    assert await places(pool) == before


async def test_one_document_in_eight_goes_ahead_and_the_others_keep_their_order() -> None:
    pool = replicas(URLS[:1], bound=1)
    sent: list[tuple[str, int]] = []

    async def ask(document: str, request: int) -> None:
        async with pool.slot(document):
            sent.append((document, request))

    made = [(document, request) for request in range(3) for document in DOCUMENTS]
    async with anyio.create_task_group() as group, holding(pool, 1):
        for document, request in made:
            group.start_soon(ask, document, request)
        await anyio.wait_all_tasks_blocked()
    place = {item: number for number, item in enumerate(sent)}
    early = [
        name for name, request in sent if request == 2 and place[name, 0] + 2 == place[name, 2]
    ]
    assert 3 <= len(early) <= 15
    assert sent == [
        *((document, request) for document in early for request in range(3)),
        *(item for item in made if item[0] not in early),
    ]


async def test_a_success_between_failures_keeps_a_replica_in() -> None:
    out = Out()
    pool = replicas(out=out)
    for _ in range(TAKEN_OUT_AFTER):
        await place(pool, "x", Outcome.CUT_OFF)
        await place(pool, "x")
    assert not out


async def test_one_document_that_breaks_a_server_does_not_take_it_out() -> None:
    out = Out()
    pool = replicas(URLS[:1], out=out)
    for _ in range(3 * TAKEN_OUT_AFTER):
        await place(pool, "poison", Outcome.BROKEN)
    assert not out
    for document in DOCUMENTS[: TAKEN_OUT_AFTER - 1]:
        await place(pool, document, Outcome.BROKEN)
    assert out


async def test_a_full_replica_spills_to_the_least_loaded() -> None:
    pool = replicas(bound=2)
    home = await place(pool, "x")
    async with holding(pool, 6, "x") as slots:
        assert [slot.replica.url for slot in slots[:2]] == [home, home]
        assert sorted(slot.replica.url for slot in slots) == sorted(URLS * 2)
        assert pool.load() == Load(6, 0, 6, 3, 3)


async def test_a_free_replica_takes_from_the_queue_of_another() -> None:
    pool = replicas(bound=1)
    async with holding(pool, 1, "x") as [home], anyio.create_task_group() as group:
        async with holding(pool, 2):
            group.start_soon(place, pool, "x")
            await anyio.wait_all_tasks_blocked()
            assert (home.replica.queued, pool.load().waiting) == (1, 1)
        await anyio.wait_all_tasks_blocked()
        assert pool.load().waiting == 0


async def test_first_come_first_served_but_retries_before_new_requests() -> None:
    pool = replicas(URLS[:1], bound=1)
    order: list[str] = []

    async def ask(name: str, tried: Sequence[Replica]) -> None:
        async with pool.slot(name, tried):
            order.append(name)

    async with anyio.create_task_group() as group, pool.slot("") as held:
        again = [held.replica]
        for name, tried in (("a", []), ("b", []), ("c", again), ("d", again)):
            group.start_soon(ask, name, tried)
            await anyio.wait_all_tasks_blocked()
    assert order == ["c", "d", "a", "b"]


async def test_who_goes_away_while_waiting_costs_no_slot() -> None:
    pool = replicas(URLS[:1], bound=1)
    async with pool.slot(""):
        with anyio.move_on_after(0.01):
            await place(pool, "x")
        assert pool.load().waiting == 0
        waiting = asyncio.ensure_future(place(pool, "y"))
        await anyio.wait_all_tasks_blocked()
    waiting.cancel()  # just when its turn has come
    await asyncio.wait([waiting])
    assert waiting.cancelled()
    assert pool.load() == Load(0, 0, 1, 1, 1)
    assert await place(pool, "z") == URLS[0]


async def test_a_pause_holds_for_everything_at_this_replica_only() -> None:
    pool = replicas(URLS[:2], bound=2)
    async with pool.slot("x") as slot:
        slot.outcome, slot.retry_after = Outcome.BUSY, 0.05
        paused = slot.replica.url
    assert await place(pool, "x") != paused
    started = asyncio.get_running_loop().time()
    async with holding(pool, 3, "x") as slots:
        assert slots[2].replica.url == paused
        assert asyncio.get_running_loop().time() - started >= 0.04


async def test_when_all_are_out_requests_wait_and_go_on() -> None:
    out = Out()
    pool = replicas(URLS[:2], out=out)
    for url in URLS[:2]:
        await fail(pool, url)
    answers: list[str] = []

    async def ask(document: str) -> None:
        answers.append(await place(pool, document))

    async with anyio.create_task_group() as group:
        for document in DOCUMENTS:
            group.start_soon(ask, document)
        await anyio.wait_all_tasks_blocked()
        assert pool.load() == Load(0, 60, 0, 0, 2)
        pool.bring_back(out[0])
    assert answers == [out[0].url] * len(DOCUMENTS)


async def test_an_outage_that_lasts_is_given_up_on_until_it_ends() -> None:
    out = Out()
    pool = replicas(URLS[:1], out=out)
    await fail(pool, URLS[0])
    for _ in range(2):
        with pytest.raises(ProviderError, match=r"no endpoint has answered for 0.1 s") as caught:
            await place(pool, "x")
        assert caught.value.retryable
    pool.bring_back(out[0])
    assert await place(pool, "x") == URLS[0]


async def test_what_failed_at_one_replica_is_tried_at_the_others_first() -> None:
    pool = replicas()
    tried: list[Replica] = []
    for _ in range(2 * len(URLS)):
        async with pool.slot("x", tried) as slot:
            slot.outcome = Outcome.UNUSABLE
            tried.append(slot.replica)
    rounds = [[replica.url for replica in tried[n : n + 3]] for n in (0, 3)]
    assert rounds[0] == rounds[1]
    assert set(rounds[0]) == set(URLS)


async def test_a_free_replica_does_not_take_back_what_failed_there() -> None:
    pool = replicas(URLS[:2], bound=1)
    async with holding(pool, 2) as [one, two], anyio.create_task_group() as group:
        where: list[str] = []

        async def again() -> None:
            async with pool.slot("x", [one.replica]) as slot:
                where.append(slot.replica.url)

        group.start_soon(again)
        await anyio.wait_all_tasks_blocked()
        pool.give_back(one)
        await anyio.wait_all_tasks_blocked()
        assert where == []
        pool.give_back(two)
        await anyio.wait_all_tasks_blocked()
        assert where == [two.replica.url]
        one.replica.limit.take()
        two.replica.limit.take()


async def test_what_failed_at_one_replica_does_not_wait_for_a_pause_of_the_other() -> None:
    pool = replicas(URLS[:2])
    async with holding(pool, 2) as [first, other]:
        other.outcome, other.retry_after = Outcome.BUSY, 60
    assert other.replica.opens_at
    with anyio.fail_after(1):
        async with pool.slot("x", [first.replica]) as slot:
            assert slot.replica is first.replica


async def test_a_free_replica_looks_into_every_queue() -> None:
    """Also where the longest one holds only what failed here."""
    pool = replicas(bound=1)
    async with holding(pool, 3) as held, anyio.create_task_group() as group:
        free, longest, short = held
        served: list[str] = []

        async def ask(name: str, home: Replica, tried: Sequence[Replica]) -> None:
            slot = pool.slot(name, tried)
            slot.turn = asyncio.get_running_loop().create_future()
            home.join(slot)
            await slot.turn
            served.append(name)
            pool.give_back(slot)

        for name in ("failed here", "and this"):
            group.start_soon(ask, name, longest.replica, [free.replica])
        group.start_soon(ask, "fresh", short.replica, [])
        await anyio.wait_all_tasks_blocked()
        pool.give_back(free)
        await anyio.wait_all_tasks_blocked()
        assert served == ["fresh"]
        pool.give_back(longest)
        await anyio.wait_all_tasks_blocked()
        for replica in (free.replica, longest.replica):
            replica.limit.take()
