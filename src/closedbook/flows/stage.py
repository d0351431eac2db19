"""What every stage that asks the teacher does: run flows over documents, collect what they made.

Knows documents and lanes; not what the records made of them are. Documents stream through: what
they gave is spooled to disk and read back in the order of documents, flows and rows, so that
neither memory nor order depends on how many there are or on timing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from closedbook.config import Caps
from closedbook.engine import (
    OPEN_ROWS,
    Account,
    Engine,
    Keep,
    Row,
    Tally,
    Unanswered,
    Yield,
    run_interruptible,
)
from closedbook.events import Emit, Notice
from closedbook.flows.loading import Flow
from closedbook.flows.spec import SOURCE_COLUMNS, Makes
from closedbook.flows.steps.ask import HIDDEN
from closedbook.hints import command, counted
from closedbook.records import Document, Rejection
from closedbook.store.rows import read_rows, write_json, write_rows
from closedbook.store.spool import Spool

RETRY = "retry.jsonl"
"""The rows that the endpoint gave no answer for."""
AT_A_TIME = 4
"""Documents asked about together where a budget may end: so many are then left unfinished."""
Made = TypeVar("Made")
Texts = Mapping[str, str]
"""By the names of columns."""
Columns = Callable[[Document], Texts]
"""Source columns of a document's row."""
_IN_DOCUMENTS = frozenset(SOURCE_COLUMNS)


def nothing_given(_: Document) -> Texts:
    return {}


@dataclass(frozen=True, slots=True)
class FlowStage:
    """A stage by its name, with its flows, who is asked, and what the project gives every row."""

    name: str
    flows: Sequence[Flow]
    account: Account
    given: Columns = nothing_given

    @contextmanager
    def run(self, documents: Path, folder: Path, emit: Emit) -> Iterator[Harvest]:
        """What the flows make of `documents` (JSON lines of Document); `folder` is where it is
        kept meanwhile. Raises RunError when the endpoint or the budget fails."""
        with Spool(folder) as spool:
            harvest = Harvest(self.name, documents, self.flows, spool)
            with documents.open("rb") as lines:
                total = sum(1 for _ in lines)
            rows = read_rows(documents, Document)
            run_interruptible(self._walk, rows, total, harvest.keep, emit, self._open_rows)
            yield harvest

    def ask(
        self,
        documents: Sequence[Document],
        emit: Emit,
        finished: dict[int, Sequence[Yield]] | None = None,
    ) -> list[Sequence[Yield]]:
        """What each of a few documents gave, in their order; raises as `run` does, and what was
        given until then is in `finished`, by the places of the documents."""
        given = {} if finished is None else finished

        async def keep(ordinal: int, yields: Sequence[Yield]) -> None:
            given[ordinal] = yields

        open_rows = self._open_rows if self.account.caps == Caps() else AT_A_TIME
        run_interruptible(self._walk, documents, len(documents), keep, emit, open_rows)
        return [given[ordinal] for ordinal in range(len(documents))]

    @property
    def _open_rows(self) -> int:
        # Where one document is one request at a time, so many keep the slots full.
        return max(OPEN_ROWS, 2 * self.account.slots)

    async def _walk(
        self, documents: Iterable[Document], total: int, keep: Keep, emit: Emit, open_rows: int
    ) -> None:
        lanes = [flow.lane for flow in self.flows]
        async with self.account.asker() as asker:
            engine = Engine(self.name, lanes, asker, emit, open_rows=open_rows)
            rows = (source_row(document, self.given) for document in documents)
            await engine.run(rows, total, keep)


@dataclass(frozen=True, slots=True)
class Harvest:
    """What flows made of documents; readable as often as one likes."""

    stage: str
    documents: Path
    flows: Sequence[Flow]
    spool: Spool
    steps: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))

    async def keep(self, ordinal: int, yields: Sequence[Yield]) -> None:
        """Put down what the document of this number gave."""
        for part in yields:
            for name, tally in part.steps.items():
                self.steps[name].add(tally)
        await self.spool.put(ordinal, [_spooled(part) for part in yields])

    def made(self, kind: Makes, make: Callable[[Document, str, Texts], Made]) -> Iterator[Made]:
        """`make` of document, flow and columns, for every row of the flows of one kind."""
        numbers = [number for number, flow in enumerate(self.flows) if flow.makes == kind]
        if not numbers:
            return
        for document, parts in zip(read_rows(self.documents, Document), self.spool, strict=True):
            for number in numbers:
                for columns in parts[number]["rows"]:
                    yield make(document, self.flows[number].name, columns)

    def rejections(self) -> Iterator[Rejection]:
        if any(tally.rejected for tally in self.steps.values()):
            for values in self._listed("rejections"):
                yield Rejection(**values)

    def leave(self, out: Path, emit: Emit) -> dict[str, int]:
        """Write steps.json (what each step did) and retry.jsonl (the rows the endpoint gave no
        answer for); returns the counts of the whole, without those that no answer came with."""
        steps = {name: asdict(tally) for name, tally in self.steps.items()}
        for step in steps.values():
            # What an interrupted run, or another price, leaves otherwise.
            del step["from_journal"], step["usd"], step["uncounted"], step["unpriced"]
        write_json(out / "steps.json", steps)
        failed = write_rows(out / RETRY, self._unanswered())
        if failed:
            emit(Notice(self.stage, f"{counted(failed, 'row')} to retry: {command('run --retry')}"))
        total = Tally()
        for tally in self.steps.values():
            total.add(tally)
        counts = {
            "asks": total.asks,
            "from_journal": total.from_journal,
            "prompt_tokens": total.prompt_tokens,
            "completion_tokens": total.completion_tokens,
            "to_retry": failed,
        }
        return {name: count for name, count in counts.items() if count is not None}

    def _unanswered(self) -> Iterator[Unanswered]:
        if any(tally.failed for tally in self.steps.values()):
            for values in self._listed("unanswered"):
                yield Unanswered(**values)

    def _listed(self, name: str) -> Iterator[dict[str, Any]]:
        for parts in self.spool:
            for part in parts:
                yield from part[name]


def source_row(document: Document, given: Columns = nothing_given) -> Row:
    """What a flow begins with; `given` are source columns that the project decides."""
    columns = {
        **dict.fromkeys(SOURCE_COLUMNS, ""),
        "document": document.text,
        "title": document.title,
        "domain": document.domain,
        "outline": document.title,
        **given(document),
    }
    return Row(document.id, document.source, columns)


def _spooled(part: Yield) -> dict[str, Any]:
    """What is not in the documents' file already, without what only steps see."""
    rows = [
        {
            name: text
            for name, text in row.columns.items()
            if name not in _IN_DOCUMENTS and name[:1] != HIDDEN
        }
        for row in part.rows
    ]
    return {"rows": rows, "rejections": part.rejections, "unanswered": part.unanswered}
