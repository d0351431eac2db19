"""Watching a run of the engine: how far it is, what it takes, and whether it should go on.

Knows what source rows gave and what was spent, not what they are about.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from closedbook.engine.asking import Asker
from closedbook.engine.walking import REFUSED, Yield
from closedbook.errors import RunError
from closedbook.events import AskingProgress, Emit, Notice
from closedbook.hints import command, counted

RECENT = 20
"""The run stops if so many source rows in a row got nothing of the endpoint, and more wait."""
BARREN = 100
"""The run stops if so many source rows were asked about, the first ones, and none gave anything."""
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
        self._beginning = _Beginning()
        self._failure: RunError | None = None

    @asynccontextmanager
    async def telling(self) -> AsyncIterator[None]:
        """Within the block progress is told now and then, and once at its end."""
        async with asyncio.TaskGroup() as group:
            ticker = group.create_task(self._tick())
            yield
            ticker.cancel()
        if self._done:
            self._tell()

    def begun(self, ordinal: int) -> None:
        """Source rows begin in their order."""
        self._all_begun = ordinal + 1 >= self._total

    def finished(self, ordinal: int, yields: Sequence[Yield]) -> None:
        """Count what a source row gave. Stops the run when too many in a row got nothing of the
        endpoint and more are to begin (what comes last comes last because it failed), or when the
        first of them all were asked about in vain."""
        self._done += 1
        refused = all(map(_refused, yields))
        self._in_a_row = self._in_a_row + 1 if refused else 0
        self._fruitful |= not refused
        for part in yields:
            self._asks += sum([tally.asks for tally in part.steps.values()])
            if part.rejections or part.unanswered:
                self._to_retry += len(part.unanswered)
                self._given_up |= self._asker.health.given_up
                self._rejected.update([item.reason for item in part.rejections])
                self._causes.update(_problems(part))
        if self._in_a_row >= RECENT and not self._all_begun:
            self._stop(self._failed())
        elif self._beginning.in_vain(ordinal, yields):
            self._stop(self._wasted())

    def _stop(self, failure: RunError) -> None:
        if self._asker.stop(failure):
            self._failure = failure

    async def raise_if_failed(self, stopped: RunError | None) -> None:
        """Raises why the run was `stopped`, if it was; else RunError if no source row at all got
        anything of the endpoint, or if rows are missing because it is dead: who trains on what
        there is shall have decided to."""
        if not stopped and self._done and not self._fruitful:
            self._failure = self._failed()
        elif not stopped and self._to_retry and self._given_up:
            what = f"the endpoint died, rows to be asked again: {self._to_retry:,}"
            self._failure = self._failed(what)
        if self._failure and (problem := await self._asker.probe()):
            # What a look at the models finds wrong is the better hint.
            self._failure.hint = f"{problem}; {self._failure.hint}"
        if failure := stopped or self._failure:
            raise failure

    def _failed(self, what: str = "") -> RunError:
        what = what or f"the endpoint failed for {self._in_a_row} documents in a row"
        (cause, _), *_ = self._causes.most_common(1)
        hint = "once that is solved, run again: every answer received is kept"
        return RunError(f"{what}: {cause}", hint=hint)

    def _wasted(self) -> RunError:
        reasons = [f"{reason} ({count})" for reason, count in self._rejected.most_common(3)]
        told = ", ".join(reasons) or "no step made a row"
        return RunError(
            f"none of the first {self._beginning.length} documents gave anything: {told}",
            hint=f"what the model writes: {command('flow try')}; if it is as it should be, run"
            " again: every answer received is kept, and the next documents get their turn",
        )

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(TELL_EVERY)
            self._tell()
            if self._asker.stopped and not self._told_to_stop:
                self._told_to_stop = True
                sent = self._asker.health.in_flight
                coming = f"{counted(sent or 0, 'request')} on the way: what is answered is kept"
                self._emit(Notice(self._stage, f"stopping; {coming}. Ctrl-C now drops it"))

    def _tell(self) -> None:
        asker, now = self._asker, time.monotonic()
        health, seconds = asker.health, now - self._began
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
                in_flight=health.in_flight or 0,
                waiting=max(0, asker.begun - (health.in_flight or 0)),
                tokens_per_second=asker.completion_tokens / seconds if seconds else 0.0,
                usd=usd,
                usd_projected=projected,
                seconds_left=seconds_left,
                for_budget=asker.budget.waiting,
                trouble=health.trouble,
                missing=health.missing,
            )
        )

    def _asks_left(self) -> float | None:
        """How many answers are missing, if the documents to come take as many as those finished,
        and at least what is begun; None before one is finished."""
        if not self._done:
            return None
        estimated = self._asks * self._total / self._done - self._asker.answered
        return max(estimated, self._asker.begun)


@dataclass(slots=True)
class _Beginning:
    """The first source rows that have ended, without a gap: how many, of how many a model was
    asked, and whether anything came of any row at all."""

    length: int = 0
    asked: int = 0
    gave: bool = False
    _beyond: dict[int, bool] = field(default_factory=dict)

    def in_vain(self, ordinal: int, yields: Sequence[Yield]) -> bool:
        """Whether it is long enough, with one more row that has ended, and gave nothing. Those
        that end first may be those that fail first, so the rows are taken in their order."""
        if not self.gave:
            self.gave = any(part.rows for part in yields)
            self._beyond[ordinal] = any(map(_was_asked, yields))
            while self.length in self._beyond:
                self.asked += self._beyond.pop(self.length)
                self.length += 1
        return self.asked >= BARREN and not self.gave


def _problems(part: Yield) -> list[str]:
    """What the endpoint said to the rows it gave nothing for."""
    refused = [item.detail for item in part.rejections if item.reason == REFUSED]
    return [*refused, *(row.message for row in part.unanswered)]


def _refused(part: Yield) -> bool:
    """The endpoint failed and nothing came out."""
    return not part.rows and bool(_problems(part))


def _was_asked(part: Yield) -> bool:
    return any(tally.asks > tally.from_journal for tally in part.steps.values())
