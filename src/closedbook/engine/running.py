"""Source rows stream through the lanes, a bounded number at a time.

The engine knows steps, not prompts, and keeps no results: whoever runs it is handed what each
source row gave, as soon as it is finished. Every row ends as an output, a Rejection or Unanswered,
or the run ends with a RunError. A spent budget, a refused key, an endpoint that fails or Ctrl-C
stop new requests only; what is on its way is received and kept.
"""

from __future__ import annotations

import asyncio
import gc
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice

from closedbook.engine.asking import Asker
from closedbook.engine.step import Lane, Row
from closedbook.engine.walking import Walk, Yield, side_by_side
from closedbook.engine.watching import Watch
from closedbook.errors import ClosedbookError, RunError
from closedbook.events import Emit

OPEN_ROWS = 256
"""Source rows in work at a time, unless there are more slots to fill."""
READ_AHEAD = 64
"""Source rows read together."""
COLLECT_AFTER = 50_000
"""New objects between two collections of garbage."""

Keep = Callable[[int, Sequence[Yield]], Awaitable[None]]
"""Takes what the source row of this ordinal gave, one Yield per lane."""


class Engine:
    """Runs lanes over source rows for one stage."""

    def __init__(
        self,
        stage: str,
        lanes: Sequence[Lane],
        asker: Asker,
        emit: Emit,
        *,
        open_rows: int = OPEN_ROWS,
    ) -> None:
        self._stage = stage
        self._lanes = lanes
        self._asker = asker
        self._emit = emit
        self._open_rows = open_rows
        self._exhausted: RunError | None = None

    async def run(self, sources: Iterable[Row], total: int, keep: Keep) -> None:
        """Hand what each of the `total` source rows gives to `keep`, in any order. `sources` is
        read by a thread, so it may read a file.

        Raises RunError when the endpoint fails for many rows in a row or for all, or when many were
        asked about and none gave anything, BudgetExhausted when the budget is spent; what was
        answered is in the journal, so that running again asks only for the rest.
        """
        watch = Watch(self._stage, total, self._asker, self._emit)
        try:
            with _seldom_collected():
                async with watch.telling(), asyncio.TaskGroup() as group:
                    read = _Reading(sources)
                    for _ in range(min(self._open_rows, total)):
                        group.create_task(self._work(read, keep, watch))
        except BaseExceptionGroup as errors:
            raise _cause(errors) from None
        await watch.raise_if_failed(self._stopped)

    @property
    def _stopped(self) -> RunError | None:
        return self._exhausted or self._asker.stopped

    async def _work(self, read: _Reading, keep: Keep, watch: Watch) -> None:
        """One source row after the other, until there is none or the run is stopped."""
        while not (self._exhausted or self._asker.stopped) and (
            following := await read.following()
        ):
            ordinal, source = following
            watch.begun(ordinal)
            walks = [Walk(self._stage, lane, self._asker) for lane in self._lanes]
            yields = await side_by_side([walk.run(source) for walk in walks])
            exhausted = next(filter(None, (walk.exhausted for walk in walks)), None)
            self._exhausted = self._exhausted or exhausted
            if exhausted or self._asker.stopped:
                return
            await keep(ordinal, yields)
            watch.finished(ordinal, yields)


@contextmanager
def _seldom_collected() -> Iterator[None]:
    """Thousands of objects are alive at a time, and few of them in cycles: looking for these as
    often as usual took a sixth of the CPU (python -m benchmarks.asking cost)."""
    before = gc.get_threshold()
    gc.set_threshold(COLLECT_AFTER, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


class _Reading:
    """Source rows with their ordinals, for several who take them; read by a thread."""

    def __init__(self, sources: Iterable[Row]) -> None:
        self._numbered = enumerate(sources)
        self._ready: deque[tuple[int, Row]] = deque()
        self._reading = asyncio.Lock()

    async def following(self) -> tuple[int, Row] | None:
        """The next one; None if there is none."""
        if not self._ready:
            async with self._reading:
                if not self._ready:  # nobody else has read meanwhile
                    self._ready.extend(await asyncio.to_thread(self._some))
        return self._ready.popleft() if self._ready else None

    def _some(self) -> list[tuple[int, Row]]:
        return list(islice(self._numbered, READ_AHEAD))


def _cause(errors: BaseExceptionGroup[BaseException]) -> BaseException:
    """The error of ours within, if there is one: task groups wrap what ended them."""
    ours: BaseException | None = errors.subgroup(ClosedbookError)
    while isinstance(ours, BaseExceptionGroup):
        ours = ours.exceptions[0]
    return ours or errors
