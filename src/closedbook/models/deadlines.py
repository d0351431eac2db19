"""A time limit for many tasks at once, by one timer.

All may take equally long, so whoever began first is due first; a timer for each would be most of
what a request costs the event loop. Knows tasks, not what they do.
"""

from __future__ import annotations

import asyncio


class Deadlines:
    """Use as `with deadlines:` within a task; the block raises TimeoutError after `seconds`."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._due: dict[asyncio.Task[object], float] = {}
        self._over: set[asyncio.Task[object]] = set()
        self._timer: asyncio.TimerHandle | None = None

    def __enter__(self) -> None:
        loop = asyncio.get_running_loop()
        due = loop.time() + self.seconds
        self._due[_this_task()] = due
        if self._timer is None:
            self._timer = loop.call_at(due, self._look)

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        task = _this_task()
        due = self._due.pop(task, None)
        if not self._due and self._timer is not None:
            self._timer.cancel()  # whoever is next may be of another event loop
            self._timer = None
        if due is None and task in self._over:
            self._over.discard(task)
            if task.uncancel() <= 0 and kind is asyncio.CancelledError:
                raise TimeoutError

    def _look(self) -> None:
        """Stop what is due, and look again when the next one is."""
        self._timer = None
        loop = asyncio.get_running_loop()
        while self._due:
            task, due = next(iter(self._due.items()))
            if due > loop.time():
                self._timer = loop.call_at(due, self._look)
                return
            del self._due[task]
            self._over.add(task)
            task.cancel()


def _this_task() -> asyncio.Task[object]:
    task = asyncio.current_task()
    if task is None:
        raise RuntimeError("a time limit belongs to a task")
    return task
