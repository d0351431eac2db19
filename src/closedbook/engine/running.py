"""Source rows walk through steps as trees, without barriers, and come out in order.

The engine knows steps, not prompts. At most `open_rows` source rows are on their way at a time;
children go on as soon as they exist; the result is ordered by source row, lane, branch and child,
never by time. Every row ends as an output or a Rejection, or the run ends with a RunError: an
answer the endpoint failed to give is neither.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

import anyio

from closedbook.engine.asking import Asker
from closedbook.engine.step import Dropped, Lane, Row, Step
from closedbook.errors import ClosedbookError, ProviderError, RecordError, RunError
from closedbook.events import Emit, StageProgress
from closedbook.records import Rejection

OPEN_ROWS = 256
WATCHED = 20
"""The run stops if most of the last `WATCHED` finished source rows got nothing of the endpoint."""

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Failure:
    """A row the endpoint gave no answer for: to be asked again unless `refused` for good."""

    step: str
    subject: str
    message: str
    refused: bool


Ended = Row | Rejection | Failure


@dataclass(frozen=True, slots=True)
class Yield:
    """What one source row (by its id) gave in one lane, in order."""

    source: str
    lane: str
    rows: tuple[Row, ...]
    rejections: tuple[Rejection, ...]


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
        self._open = anyio.Semaphore(open_rows)

    async def run(self, sources: Sequence[Row]) -> list[Yield]:
        """The yields of every source row and lane, in order.

        Raises RunError when the endpoint fails for most rows (at once) or for any (at the end);
        what was answered is in the journal, so that running again asks only for the rest.
        """
        watch = _Watch(self._stage, len(sources), self._asker, self._emit)
        grown: list[list[list[Ended]]] = [[] for _ in sources]

        async def walk(ordinal: int) -> None:
            try:
                walks = [partial(self._grow, sources[ordinal], lane, 0) for lane in self._lanes]
                grown[ordinal] = await _side_by_side(walks)
            finally:
                self._open.release()
            watch.finished(grown[ordinal])

        try:
            async with anyio.create_task_group() as group:
                for ordinal in range(len(sources)):
                    await self._open.acquire()
                    group.start_soon(walk, ordinal)
        except BaseExceptionGroup as errors:
            raise _cause(errors) from None
        watch.raise_if_failed()
        return [
            self._yield(source, lane, ended)
            for source, lanes in zip(sources, grown, strict=True)
            for lane, ended in zip(self._lanes, lanes, strict=True)
        ]

    async def _grow(self, row: Row, lane: Lane, depth: int) -> list[Ended]:
        if depth == len(lane.steps):
            return [row]
        branches = range(lane.steps[depth].branches)
        parts = await _side_by_side([partial(self._branch, row, lane, depth, b) for b in branches])
        return [ended for part in parts for ended in part]

    async def _branch(self, row: Row, lane: Lane, depth: int, branch: int) -> list[Ended]:
        children = await self._children(row, lane.steps[depth], branch)
        parts = await _side_by_side(
            [partial(self._follow, child, lane, depth + 1) for child in children]
        )
        return [ended for part in parts for ended in part]

    async def _follow(self, child: Ended, lane: Lane, depth: int) -> list[Ended]:
        return await self._grow(child, lane, depth) if isinstance(child, Row) else [child]

    async def _children(self, row: Row, step: Step, branch: int) -> list[Ended]:
        ask = partial(self._asker.ask, step=step.name, document=row.subject)
        try:
            children = await step.run(row, branch, ask)
        except ProviderError as error:
            return [Failure(step.name, row.subject, str(error), refused=not error.retryable)]
        except RecordError as error:
            children = [Dropped("the step could not use the row", str(error))]
        return [
            Rejection(self._stage, step.name, child.reason, row.subject, child.detail, child.raw)
            if isinstance(child, Dropped)
            else row.child(f"{step.name}/{branch}", index, child)
            for index, child in enumerate(children)
        ]

    def _yield(self, source: Row, lane: Lane, ended: Sequence[Ended]) -> Yield:
        rejections = [
            Rejection(self._stage, item.step, "refused by the endpoint", item.subject, item.message)
            if isinstance(item, Failure)
            else item
            for item in ended
            if not isinstance(item, Row)
        ]
        rows = tuple(item for item in ended if isinstance(item, Row))
        return Yield(source.id, lane.name, rows, tuple(rejections))


class _Watch:
    """Counts finished source rows, tells of them, and stops a run whose endpoint fails."""

    def __init__(self, stage: str, total: int, asker: Asker, emit: Emit) -> None:
        self._stage, self._total, self._asker, self._emit = stage, total, asker, emit
        self._done = 0
        self._recent: deque[bool] = deque(maxlen=max(1, min(WATCHED, total)))
        self._causes: Counter[str] = Counter()
        self._to_retry = 0

    def finished(self, lanes: Sequence[Sequence[Ended]]) -> None:
        failures = [ended for lane in lanes for ended in lane if isinstance(ended, Failure)]
        self._done += 1
        self._causes.update(failure.message for failure in failures)
        self._to_retry += sum(not failure.refused for failure in failures)
        self._recent.append(any(map(_barren, lanes)))
        tally = self._asker.tally
        note = f"{tally.asks} answers"
        note += f", {tally.from_journal} of them known" if tally.from_journal else ""
        self._emit(StageProgress(self._stage, self._done, self._total, note))
        full = len(self._recent) == self._recent.maxlen
        if full and 2 * sum(self._recent) > len(self._recent):
            raise RunError(
                f"the endpoint failed for {sum(self._recent)} of {len(self._recent)} documents"
                f": {self._top_cause()}",
                hint="once that is solved, run again: every answer received is kept",
            )

    def raise_if_failed(self) -> None:
        if self._to_retry:
            raise RunError(
                f"{self._to_retry} requests still to retry: {self._top_cause()}",
                hint="run again: only what is missing is asked",
            )

    def _top_cause(self) -> str:
        (message, _), *_ = self._causes.most_common(1)
        return message


def _barren(lane: Sequence[Ended]) -> bool:
    """The endpoint failed and nothing came out."""
    failed = any(isinstance(ended, Failure) for ended in lane)
    return failed and not any(isinstance(ended, Row) for ended in lane)


async def _side_by_side(calls: Sequence[Callable[[], Awaitable[Result]]]) -> list[Result]:
    """The results of all calls, in their order."""
    if len(calls) < 2:
        return [await call() for call in calls]
    results: dict[int, Result] = {}

    async def keep(index: int) -> None:
        results[index] = await calls[index]()

    async with anyio.create_task_group() as group:
        for index in range(len(calls)):
            group.start_soon(keep, index)
    return [results[index] for index in range(len(calls))]


def _cause(errors: BaseExceptionGroup[BaseException]) -> BaseException:
    """The error of ours within, if there is one: task groups wrap what ended them."""
    ours: BaseException | None = errors.subgroup(ClosedbookError)
    while isinstance(ours, BaseExceptionGroup):
        ours = ours.exceptions[0]
    return ours or errors
