"""The same thing asked about many items, as many at a time as the model takes.

Knows no requests: each item has its own way to ask. Invariant: after the first error that is let
through no item is begun; those under way are finished, and their answers kept.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from typing import TypeVar

import anyio

from closedbook.engine.account import Account
from closedbook.engine.asking import Asker
from closedbook.engine.interruptible import run_interruptible
from closedbook.errors import ClosedbookError, Interrupted

Item = TypeVar("Item")
Answer = TypeVar("Answer")


def ask_each(
    account: Account,
    role: str,
    items: Iterable[Item],
    one: Callable[[Asker, Item], Awaitable[None]],
) -> None:
    """Do `one` with each of the items, which are taken when it is their turn. Raises the first
    ClosedbookError that `one` lets through."""
    stopped: list[ClosedbookError] = []
    try:
        run_interruptible(_ask, account, role, iter(items), one, stopped)
    except KeyboardInterrupt:
        if not stopped or isinstance(stopped[0], Interrupted):
            raise
    if stopped:
        raise stopped[0]


def ask_in_order(
    account: Account,
    role: str,
    items: Sequence[Item],
    one: Callable[[Asker, Item], Awaitable[Answer]],
) -> list[Answer]:
    """What `one` gives for each of the items, in their order; raises as `ask_each`."""
    given: dict[int, Answer] = {}

    async def numbered(asker: Asker, place: int) -> None:
        given[place] = await one(asker, items[place])

    ask_each(account, role, range(len(items)), numbered)
    return [given[place] for place in range(len(items))]


async def _ask(
    account: Account,
    role: str,
    items: Iterator[Item],
    one: Callable[[Asker, Item], Awaitable[None]],
    stopped: list[ClosedbookError],
) -> None:
    async def work() -> None:
        for item in items:
            try:
                await one(asker, item)
            except ClosedbookError as error:
                stopped.append(error)
            if stopped:
                return

    async with account.asker() as asker, anyio.create_task_group() as group:
        for _ in range(account.roles[role].model.slots):
            group.start_soon(work)
