"""Running what asks models, so that Ctrl-C stops it whole, however often it is pressed.

The first Ctrl-C, or SIGTERM, calls whoever said how to stop: nothing new is sent, and what is on
its way, and paid for, is received. The second drops that too. asyncio would raise it wherever the
event loop happens to be: in the middle of a commit, of its own bookkeeping or of the stopping that
the first has begun.
"""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar, TypeVarTuple

import anyio

from closedbook.errors import Interrupted, Terminated

ONE_PRESS = 0.3
"""Seconds: sooner, a second signal is the first again, forwarded by whatever runs this process."""
Result = TypeVar("Result")
Given = TypeVarTuple("Given")
_stops: list[Callable[[], bool]] = []


@contextmanager
def stopped_by(stop: Callable[[], bool]) -> Iterator[None]:
    """Within the block the first Ctrl-C calls `stop`, and the block shall then come to its end;
    unless that says that it was stopped already."""
    _stops.append(stop)
    try:
        yield
    finally:
        _stops.remove(stop)


def run_interruptible(main: Callable[[*Given], Awaitable[Result]], *given: *Given) -> Result:
    """`anyio.run`, which the first Ctrl-C stops or, where nobody said how, cancels; the second
    cancels it, and no other disturbs. Raises KeyboardInterrupt when all is closed."""
    pressing = _Pressing()

    async def watched() -> Result:
        pressing.running = asyncio.current_task()
        if pressing.signals:
            raise asyncio.CancelledError
        return await main(*given)

    ours = {
        number: before
        for number, before in {
            signal.SIGINT: signal.default_int_handler,
            signal.SIGTERM: signal.SIG_DFL,
        }.items()
        if signal.getsignal(number) is before
    }
    try:
        for number in ours:
            signal.signal(number, pressing.press)
    except ValueError:  # not the main thread: Ctrl-C is none of ours
        return anyio.run(main, *given)
    try:
        result = anyio.run(watched)
    except (asyncio.CancelledError, Interrupted):
        if not pressing.signals:
            raise
    finally:
        for number, before in ours.items():
            signal.signal(number, before)
    if pressing.signals:
        by_user = pressing.signals[0] == signal.SIGINT
        raise (KeyboardInterrupt if by_user else Terminated) from None
    return result


class _Pressing:
    """Which signals came, and what they do to the task that is `running`."""

    def __init__(self) -> None:
        self.signals: list[int] = []
        self.running: asyncio.Task[object] | None = None
        self._cancelled = False
        self._at = -ONE_PRESS

    def press(self, number: int, _: object) -> None:
        now = time.monotonic()
        if now - self._at < ONE_PRESS:
            return
        self._at = now
        self.signals.append(number)
        if self.running is not None:
            self.running.get_loop().call_soon_threadsafe(self._take, len(self.signals) == 1)

    def _take(self, first: bool) -> None:
        """In the event loop: stop what runs or, if that has begun, cancel it, once."""
        begun = [stop() for stop in _stops] if first else []
        if any(begun):
            return
        if self.running is not None and not self._cancelled:
            self._cancelled = True
            self.running.cancel()
