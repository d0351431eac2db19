"""Running what asks models, so that Ctrl-C stops it whole, however often it is pressed.

asyncio raises a second Ctrl-C wherever the event loop happens to be: in the middle of a commit, of
its own bookkeeping or of the stopping that the first has begun; what is left then never ends.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable
from typing import TypeVar, TypeVarTuple

import anyio

Result = TypeVar("Result")
Given = TypeVarTuple("Given")


def run_interruptible(main: Callable[[*Given], Awaitable[Result]], *given: *Given) -> Result:
    """`anyio.run`, which the first Ctrl-C cancels and no other disturbs. Raises KeyboardInterrupt
    when all is closed."""
    if signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        return anyio.run(main, *given)
    pressed = False
    running: asyncio.Task[object] | None = None

    def press(*_: object) -> None:
        nonlocal pressed
        if running is not None and not pressed:
            running.get_loop().call_soon_threadsafe(running.cancel)
        pressed = True

    async def watched() -> Result:
        nonlocal running
        running = asyncio.current_task()
        if pressed:
            raise asyncio.CancelledError
        return await main(*given)

    try:
        signal.signal(signal.SIGINT, press)
    except ValueError:  # not the main thread: Ctrl-C is none of ours
        return anyio.run(main, *given)
    try:
        result = anyio.run(watched)
    except asyncio.CancelledError:
        if pressed:
            raise KeyboardInterrupt from None
        raise
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if pressed:
        raise KeyboardInterrupt
    return result
