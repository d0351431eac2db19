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
from closedbook.engine.tally import Tally
from closedbook.engine.walking import REFUSED, Yield
from closedbook.errors import RunError
from closedbook.events import AskingProgress, Emit

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
        self._tally = Tally()
        self._rejected: Counter[str] = Counter()
        self._in_a_row = 0
        self._fruitful = False
        self.all_begun = False
        self._causes: Counter[str] = Counter()

    @asynccontextmanager
    async def telling(self) -> AsyncIterator[None]:
        """Within the block progress is told now and then, and once at its end."""
        async with asyncio.TaskGroup() as group:
            ticker = group.create_task(self._tick())
            yield
            ticker.cancel()
        if self._done:
            self._tell()

    def finished(self, yields: Sequence[Yield]) -> None:
        """Count what a source row gave. Raises RunError when too many in a row got nothing and
        more are to begin: what comes last comes last because it failed."""
        self._done += 1
        barren = all(map(_barren, yields))
        self._in_a_row = self._in_a_row + 1 if barren else 0
        self._fruitful |= not barren
        for part in yields:
            self._to_retry += len(part.failures)
            self._rejected.update(item.reason for item in part.rejections)
            self._causes.update(_problems(part))
            for tally in part.steps.values():
                self._tally.add(tally)
        if self._in_a_row >= RECENT and not self.all_begun:
            raise self._failed()

    def raise_if_barren(self) -> None:
        """Raises RunError if no source row at all got anything of the endpoint."""
        if self._done and not self._fruitful:
            raise self._failed()

    def _failed(self) -> RunError:
        (cause, _), *_ = self._causes.most_common(1)
        return RunError(
            f"the endpoint failed for {self._in_a_row} documents in a row: {cause}",
            hint="once that is solved, run again: every answer received is kept",
        )

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(TELL_EVERY)
            self._tell()

    def _tell(self) -> None:
        budget, seconds = self._asker.budget, time.monotonic() - self._began
        taken = budget.spent - self._before
        share = self._done / self._total if self._total else 1.0
        usd, usd_taken = budget.usd(budget.spent), budget.usd(taken)
        projected = None
        if usd is not None and usd_taken is not None and share:
            projected = usd + usd_taken * (1 - share) / share
        self._emit(
            AskingProgress(
                stage=self._stage,
                done=self._done,
                total=self._total,
                asks=self._tally.asks,
                from_journal=self._tally.from_journal,
                rejected=dict(self._rejected),
                to_retry=self._to_retry,
                in_flight=self._asker.in_flight,
                waiting=self._asker.waiting,
                tokens_per_second=taken.completion_tokens / seconds if seconds else 0.0,
                usd=usd,
                usd_projected=projected,
                seconds_left=seconds * (1 - share) / share if share else None,
            )
        )


def _problems(part: Yield) -> list[str]:
    """What the endpoint said to the rows it gave nothing for."""
    refused = [item.detail for item in part.rejections if item.reason == REFUSED]
    return [*refused, *(failure.message for failure in part.failures)]


def _barren(part: Yield) -> bool:
    """The endpoint failed and nothing came out."""
    return not part.rows and bool(_problems(part))
