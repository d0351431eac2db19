"""One source row's way through the lanes: a tree of rows that grows without barriers.

An answer cut off by its limit is asked for once more with a larger one.

Children go on as soon as they exist; what comes out is ordered by lane, branch and child, never by
time. Every row ends as an output, a Rejection or Unanswered; nothing stops the others but an error
of the run.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import Any, TypeVar

from closedbook.engine.asking import Asker
from closedbook.engine.role import TEACHER
from closedbook.engine.step import Ask, Child, Dropped, Lane, Row, Step
from closedbook.engine.tally import Tally
from closedbook.errors import JournalError, ProviderError, RecordError, RunError
from closedbook.models.chat import ChatRequest
from closedbook.records import Completion, Rejection

REFUSED = "refused by the endpoint"
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A row the endpoint gave no answer for, though it may yet: neither output nor final."""

    step: str
    subject: str
    message: str


Ended = Row | Rejection | Unanswered


@dataclass(frozen=True, slots=True)
class Yield:
    """What one source row gave in one lane, in order; `steps` counts what each step did."""

    lane: str
    rows: tuple[Row, ...]
    rejections: tuple[Rejection, ...]
    unanswered: tuple[Unanswered, ...]
    steps: dict[str, Tally]


@dataclass(slots=True)
class Walk:
    """One source row in one lane."""

    stage: str
    lane: Lane
    asker: Asker
    steps: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    exhausted: RunError | None = None
    """Why rows are missing from what it gave: nothing more may be sent."""

    async def run(self, source: Row) -> Yield:
        ended = list(chain.from_iterable(await side_by_side(self._ways(source, 0))))
        rows = tuple([item for item in ended if isinstance(item, Row)])
        rejections = tuple([item for item in ended if isinstance(item, Rejection)])
        unanswered = tuple([item for item in ended if isinstance(item, Unanswered)])
        return Yield(self.lane.name, rows, rejections, unanswered, self.steps)

    def _ways(self, row: Row, depth: int) -> list[Coroutine[Any, Any, list[Ended]]]:
        """How a row goes on at the step of this depth: once for each of its branches."""
        return [self._go(row, depth, branch) for branch in range(self.lane.steps[depth].branches)]

    async def _go(self, row: Row, depth: int, branch: int) -> list[Ended]:
        step, depth = self.lane.steps[depth], depth + 1
        tally = self.steps[step.name]
        tally.rows += 1
        try:
            made = await step.run(row, branch, self._asking(row, step, tally))
        except RunError as error:
            if isinstance(error, JournalError):
                raise  # what is on its way could not be kept
            # Not raised: that would cancel the requests of other rows that are on their way.
            self.exhausted = error
            return []
        except ProviderError as error:
            if error.retryable:
                tally.failed += 1
                return [Unanswered(step.name, row.subject, str(error))]
            made = [Dropped(REFUSED, str(error))]
        except RecordError as error:
            made = [Dropped("the step could not use the row", str(error))]
        children = self._children(row, step, branch, made)
        if depth == len(self.lane.steps):
            return children
        rows = [child for child in children if isinstance(child, Row)]
        ways = [way for child in rows for way in self._ways(child, depth)]
        gone, each = iter(await side_by_side(ways)), self.lane.steps[depth].branches
        ended: list[Ended] = []
        for child in children:
            if isinstance(child, Row):
                ended.extend(chain.from_iterable(islice(gone, each)))
            else:
                ended.append(child)
        return ended

    def _children(self, row: Row, step: Step, branch: int, made: Sequence[Child]) -> list[Ended]:
        """What a step made of a row, counted."""
        tally, origin = self.steps[step.name], f"{step.name}/{branch}"
        children: list[Ended] = []
        for index, child in enumerate(made):
            if isinstance(child, Dropped):
                tally.rejected += 1
                why = (child.reason, row.subject, child.detail, child.raw)
                children.append(Rejection(self.stage, step.name, *why))
            else:
                tally.made += 1
                children.append(row.child(origin, index, child))
        return children

    def _asking(self, row: Row, step: Step, tally: Tally) -> Ask:
        """How the step asks for this row."""
        asker, document = self.asker, row.subject

        async def ask(request: ChatRequest, role: str = TEACHER) -> Completion:
            answer = await asker.ask(request, step=step.name, document=document, role=role)
            tally.count(answer)
            longer = asker.longer(request, role, answer.completion)
            if longer is not None:
                try:
                    answer = await asker.ask(longer, step=step.name, document=document, role=role)
                except ProviderError as error:
                    if error.retryable:
                        raise
                    # No room for more: the step makes of it what it can.
                else:
                    tally.count(answer)
            return answer.completion

        return ask


async def side_by_side(calls: Sequence[Coroutine[Any, Any, Result]]) -> list[Result]:
    """The results of all calls, in their order; the first error cancels the others."""
    if not calls:
        return []
    if len(calls) == 1:
        return [await calls[0]]
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(call) for call in calls]
    return [task.result() for task in tasks]
