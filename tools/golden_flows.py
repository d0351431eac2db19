"""What every shipped flow makes of one small document with the rehearsal teacher.

`python tools/golden_flows.py` writes tests/flows/golden/FLOW.jsonl anew; look at the difference
before you commit it.
"""

from __future__ import annotations

import hashlib
import json
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from closedbook.engine import Account
from closedbook.events import silent
from closedbook.flows import load_flow
from closedbook.flows.places import LIBRARY
from closedbook.flows.stage import FlowStage
from closedbook.models.chat import ChatModel
from closedbook.models.rehearsal import RehearsalTeacher
from closedbook.records import Document

FOLDER = Path(__file__).parents[1] / "tests" / "flows" / "golden"
MANY = 60
FLOWS = sorted(path.stem for path in LIBRARY.glob("*.yaml"))
SHOWN = (
    *("view", "kind", "question", "answer", "correct", "wrong_1", "wrong_2", "wrong_3"),
    *("evidence", "reasoning", "text"),
    *("faithfulness_explanation", "relevancy_explanation", "self_contained_explanation"),
)
"""Columns that a golden file keeps of a row."""


@dataclass(frozen=True, slots=True)
class Made:
    """What one document gave. `rejections` are counts by step and reason."""

    asks: int
    rows: tuple[dict[str, str], ...]
    rejections: dict[str, int]

    def as_text(self) -> str:
        """Counts, a digest of every row, and rows one a line, so that a change shows where it is;
        of many rows every fifth."""
        rows = [json.dumps(row, ensure_ascii=False) for row in self.rows]
        digest = hashlib.blake2b("\n".join(rows).encode(), digest_size=8).hexdigest()
        counts = {"asks": self.asks, "rows": len(rows), "rejections": self.rejections}
        head = json.dumps({**counts, "digest": digest})
        return "\n".join([head, *rows[:: 5 if len(rows) > MANY else 1]]) + "\n"


def document() -> Document:
    text = (FOLDER / "document.md").read_text(encoding="utf-8")
    return Document.make(title="Velm Ferry", text=text, source="document.md")


def make(flow: str, teacher: ChatModel | None = None, about: Document | None = None) -> Made:
    """One shipped flow over the golden document, or another. Raises FlowError, or RunError if the
    teacher fails."""
    with tempfile.TemporaryDirectory() as folder:
        account = Account.of(teacher or RehearsalTeacher(), Path(folder) / "journal.sqlite")
        stage = FlowStage("golden", [load_flow(flow, Path(folder))], account)
        ((given,),) = stage.ask([about or document()], silent)
    if given.unanswered:
        raise RuntimeError(f"{flow}: no answer for {given.unanswered[0]}")
    rows = tuple(
        {name: row.columns[name] for name in SHOWN if name in row.columns} for row in given.rows
    )
    rejected = Counter(f"{item.step}: {item.reason}" for item in given.rejections)
    asks = sum(tally.asks for tally in given.steps.values())
    return Made(asks, rows, dict(sorted(rejected.items())))


def main() -> None:
    for flow in sys.argv[1:] or FLOWS:
        made = make(flow)
        (FOLDER / f"{flow}.jsonl").write_text(made.as_text(), encoding="utf-8")
        print(
            f"{flow}: {made.asks} asks, {len(made.rows)} rows,"
            f" {sum(made.rejections.values())} rejected"
        )


if __name__ == "__main__":
    main()
