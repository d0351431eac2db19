"""Rows, the steps that make new rows of them, and what becomes of a row that does not pass.

The engine knows steps by this protocol only; prompts and parsing are the steps' own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from closedbook.engine.role import TEACHER
from closedbook.models.chat import ChatRequest
from closedbook.records import Completion, content_id


class Ask(Protocol):
    """Asks the model of a role; answers from the journal where it can."""

    async def __call__(self, request: ChatRequest, role: str = TEACHER, /) -> Completion: ...


class Row(NamedTuple):
    """Named texts with a lineage: the id of the source row, and the step and index that each
    generation since was made by. `subject` names the source row in messages and rejections."""

    root: str
    subject: str
    columns: Mapping[str, str]
    lineage: tuple[tuple[str, int], ...] = ()

    @property
    def id(self) -> str:
        """A hash of the lineage, and of nothing else."""
        identity = self.root
        for step, index in self.lineage:
            identity = content_id("row", identity, step, index)
        return identity

    def child(self, step: str, index: int, columns: Mapping[str, str]) -> Row:
        """The row made by `step` as its `index`-th of this one."""
        kept = columns if isinstance(columns, Replaced) else {**self.columns, **columns}
        return Row(self.root, self.subject, kept, (*self.lineage, (step, index)))


class Replaced(dict[str, str]):
    """All columns of a child, in the place of its parent's instead of beside them."""


@dataclass(frozen=True, slots=True)
class Dropped:
    """A child that does not go on: a short countable reason, particulars, the text concerned."""

    reason: str
    detail: str = ""
    raw: str = ""


Child = Mapping[str, str] | Dropped
"""What a step makes of a row: the new columns of one child, or why there is none."""


class Step(Protocol):
    """One stage of a row's way.

    `branches` is the number of independent parts of the work on one row, which run side by side;
    their children go on without waiting for each other. `run` raises RecordError for a row it
    cannot use.
    """

    @property
    def name(self) -> str: ...

    @property
    def branches(self) -> int: ...

    async def run(self, row: Row, branch: int, ask: Ask, /) -> Sequence[Child]: ...


@dataclass(frozen=True, slots=True)
class Lane:
    """A named sequence of steps; every source row walks every lane."""

    name: str
    steps: tuple[Step, ...]
