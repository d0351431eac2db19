"""One timer for the time limits of many tasks."""

from __future__ import annotations

import asyncio
import time

import pytest

from closedbook.models.deadlines import Deadlines


@pytest.mark.anyio
async def test_only_what_takes_too_long_is_stopped() -> None:
    limit = Deadlines(0.1)
    ended: dict[float, str] = {}

    async def work(seconds: float) -> None:
        try:
            with limit:
                await asyncio.sleep(seconds)
            ended[seconds] = "done"
        except TimeoutError:
            ended[seconds] = "over"

    began = time.monotonic()
    async with asyncio.TaskGroup() as group:
        for seconds in (30.0, 0.01, 40.0):
            group.create_task(work(seconds))
        await asyncio.sleep(0.05)
        group.create_task(work(50.0))
    assert ended == {30.0: "over", 0.01: "done", 40.0: "over", 50.0: "over"}
    assert 0.1 <= time.monotonic() - began < 5


@pytest.mark.anyio
async def test_a_task_may_be_stopped_by_others_and_use_a_limit_again() -> None:
    limit = Deadlines(0.02)

    async def work() -> None:
        with limit:
            await asyncio.sleep(30)

    task = asyncio.create_task(work())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    for _ in range(2):
        with pytest.raises(TimeoutError):
            await work()
    with limit:
        pass
    await asyncio.sleep(0.05)


def test_a_limit_holds_in_one_event_loop_after_another() -> None:
    limit = Deadlines(0.2)

    async def work(seconds: float) -> None:
        with limit:
            await asyncio.sleep(seconds)

    asyncio.run(work(0.01))
    with pytest.raises(TimeoutError):
        asyncio.run(asyncio.wait_for(work(30), 5))
