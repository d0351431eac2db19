"""Trying a flow on a few documents: everything each step saw, asked and made.

The flow runs as it does in a stage, through the same journal; its steps are watched from outside.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from closedbook.engine import (
    TEACHER,
    Account,
    Ask,
    Child,
    Dropped,
    Engine,
    Lane,
    Row,
    Step,
    Yield,
    run_interruptible,
)
from closedbook.errors import RecordError
from closedbook.events import Emit
from closedbook.flows.loading import Flow
from closedbook.flows.stage import Columns, nothing_given, source_row
from closedbook.flows.steps.ask import HIDDEN
from closedbook.models.chat import ChatRequest
from closedbook.records import Completion, Document

Lineage = tuple[int, ...]
"""Branch and index at every step that led to a row."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One request of a step and its answer."""

    request: ChatRequest
    answer: Completion


@dataclass(frozen=True, slots=True)
class StepSeen:
    """What one step did with one row (one sample of it); `problem` is what it raised, if it did."""

    document: str
    step: str
    order: tuple[int, Lineage]
    asked: tuple[Asked, ...]
    made: tuple[Child, ...]
    problem: str = ""


@dataclass(slots=True)
class Notes:
    """What was seen, and where every row comes from."""

    seen: list[StepSeen] = field(default_factory=list)
    lineage: dict[str, Lineage] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Watched:
    """A step that is watched; `number` is its place in the flow."""

    step: Step
    number: int
    notes: Notes

    @property
    def name(self) -> str:
        return self.step.name

    @property
    def branches(self) -> int:
        return self.step.branches

    async def run(self, row: Row, branch: int, ask: Ask, /) -> Sequence[Child]:
        asked: list[Asked] = []

        async def noted(request: ChatRequest, role: str = TEACHER, /) -> Completion:
            answer = await ask(request, role)
            asked.append(Asked(request, answer))
            return answer

        lineage = (*self.notes.lineage.get(row.id, ()), branch)
        seen = StepSeen(row.subject, self.name, (self.number, lineage), (), ())
        try:
            made = await self.step.run(row, branch, noted)
        except RecordError as error:
            self.notes.seen.append(replace(seen, asked=tuple(asked), problem=str(error)))
            raise
        for index, child in enumerate(made):
            if not isinstance(child, Dropped):
                identity = row.child(f"{self.name}/{branch}", index, child).id
                self.notes.lineage[identity] = (*lineage, index)
        self.notes.seen.append(replace(seen, asked=tuple(asked), made=tuple(map(_shown, made))))
        return made


def try_flow(
    flow: Flow,
    documents: Sequence[Document],
    account: Account,
    emit: Emit,
    given: Columns = nothing_given,
) -> list[StepSeen]:
    """What every step did with these documents: in their order, then by step, then by row.

    Raises RunError as a stage does.
    """
    notes = Notes()
    steps = tuple(Watched(step, number, notes) for number, step in enumerate(flow.lane.steps))

    async def run() -> None:
        async with account.asker() as asker:
            engine = Engine("try", [Lane(flow.lane.name, steps)], asker, emit)
            rows = (source_row(document, given) for document in documents)
            await engine.run(rows, len(documents), _forget)

    run_interruptible(run)
    places = {document.source: place for place, document in enumerate(documents)}
    return sorted(notes.seen, key=lambda seen: (places[seen.document], *seen.order))


def _shown(child: Child) -> Child:
    if isinstance(child, Dropped):
        return child
    return {name: text for name, text in child.items() if not name.startswith(HIDDEN)}


async def _forget(_ordinal: int, _yields: Iterable[Yield]) -> None:
    """What came out was seen at the last step."""
