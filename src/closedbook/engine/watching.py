"""Watching a run of the engine: how far it is, what it takes, and whether it should go on.

Knows what source rows gave and what was spent, not what they are about.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from closedbook.engine.asking import Asker
from closedbook.engine.walking import REFUSED, Yield
from closedbook.errors import RunError
from closedbook.events import AskingProgress, Emit, Notice

RECENT = 20
"""The run stops if so many source rows in a row got nothing of the endpoint, and more wait."""
TELL_EVERY = 0.5
"""Seconds between two progress events."""


class Watch:
    """Counts finished source rows, tells of them, and stops a run whose endpoint fails."""

    def __init__(self, stage: str, total: int, asker: Asker, emit: Emit) -> None:
        self._stage, self._total, self._asker, self._emit = stage, total, asker, emit
        self._before = asker.budget.spent
        self._began = time.monotonic()
        self._done = 0
        self._to_retry = 0
        self._given_up = False
        self._answered, self._answered_at = asker.answered, self._began
        self._told_to_stop = False
        self._asks = 0
        self._rejected: Counter[str] = Counter()
        self._in_a_row = 0
        self._fruitful = False
        self._all_begun = False
        self._causes: Counter[str] = Counter()
        self._failure: RunError | None = None

    @asynccontextmanager
    async def telling(self) -> AsyncIterator[None]:
        """Within the block progress is told now and then, and once at its end."""
        async with asyncio.TaskGroup() as group:
            ticker = group.create_task(self._tick())
            try:
                yield
            except BaseExceptionGroup:
                await self._explain()
                raise
            ticker.cancel()
        if self._done:
            self._tell()

    def begun(self, ordinal: int) -> None:
        """Source rows begin in their order."""
        self._all_begun = ordinal + 1 >= self._total

    def finished(self, yields: Sequence[Yield]) -> None:
        """Count what a source row gave. Raises RunError when too many in a row got nothing and
        more are to begin: what comes last comes last because it failed."""
        self._done += 1
        barren = all(map(_barren, yields))
        self._in_a_row = self._in_a_row + 1 if barren else 0
        self._fruitful |= not barren
        for part in yields:
            self._asks += sum([tally.asks for tally in part.steps.values()])
            if part.rejections or part.unanswered:
                self._to_retry += len(part.unanswered)
                self._given_up |= self._asker.condition.given_up
                self._rejected.update([item.reason for item in part.rejections])
                self._causes.update(_problems(part))
        if self._in_a_row >= RECENT and not self._all_begun:
            self._failure = self._failure or self._failed()  # several may end at once
            raise self._failure

    async def raise_if_failed(self) -> None:
        """Raises RunError if no source row at all got anything of the endpoint, or if rows are
        missing because it is dead: who trains on what there is shall have decided to."""
        if self._done and not self._fruitful:
            self._failure = self._failed()
        elif self._to_retry and self._given_up:
            what = f"the endpoint died, {self._to_retry} rows are to be asked again"
            self._failure = self._failed(what)
        if self._failure:
            await self._explain()
            raise self._failure

    def _failed(self, what: str = "") -> RunError:
        what = what or f"the endpoint failed for {self._in_a_row} documents in a row"
        (cause, _), *_ = self._causes.most_common(1)
        hint = "once that is solved, run again: every answer received is kept"
        return RunError(f"{what}: {cause}", hint=hint)

    async def _explain(self) -> None:
        """What a look at the models finds wrong is the better hint."""
        if self._failure and (problem := await self._asker.probe()):
            self._failure.hint = f"{problem}; {self._failure.hint}"

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(TELL_EVERY)
            self._tell()
            if self._asker.stopped and not self._told_to_stop:
                self._told_to_stop = True
                sent = self._asker.condition.in_flight
                coming = f"{sent} requests are on their way: their answers are kept"
                self._emit(Notice(self._stage, f"stopping; {coming}. Ctrl-C again drops them"))

    def _tell(self) -> None:
        asker, now = self._asker, time.monotonic()
        condition, seconds = asker.condition, now - self._began
        if asker.answered != self._answered:
            self._answered, self._answered_at = asker.answered, now
        usd = asker.budget.spent.usd
        taken = (asker.budget.spent - self._before).usd
        left = self._asks_left()
        projected = seconds_left = None
        if left is not None:
            each = asker.sent or asker.answered or 1
            # What nobody has answered for a while will hardly be answered in less.
            seconds_left = max(left * seconds / each, now - self._answered_at) if left else 0.0
            if usd is not None and taken is not None:
                projected = usd + left * taken / each
        self._emit(
            AskingProgress(
                stage=self._stage,
                done=self._done,
                total=self._total,
                asks=asker.answered,
                from_journal=asker.replayed,
                rejected=dict(self._rejected),
                to_retry=self._to_retry,
                in_flight=condition.in_flight or 0,
                waiting=max(0, asker.begun - (condition.in_flight or 0)),
                tokens_per_second=asker.completion_tokens / seconds if seconds else 0.0,
                usd=usd,
                usd_projected=projected,
                seconds_left=seconds_left,
                trouble=condition.trouble,
                missing=condition.missing,
            )
        )

    def _asks_left(self) -> float | None:
        """How many answers are missing, if the documents to come take as many as those finished,
        and at least what is begun; None before one is finished."""
        if not self._done:
            return None
        estimated = self._asks * self._total / self._done - self._asker.answered
        return max(estimated, self._asker.begun)


def _problems(part: Yield) -> list[str]:
    """What the endpoint said to the rows it gave nothing for."""
    refused = [item.detail for item in part.rejections if item.reason == REFUSED]
    return [*refused, *(row.message for row in part.unanswered)]


def _barren(part: Yield) -> bool:
    """The endpoint failed and nothing came out."""
    return not part.rows and bool(_problems(part))
