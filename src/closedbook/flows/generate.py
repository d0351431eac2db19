"""The generate stage: documents and flows in, pairs and study texts out.

Knows records and files; flows decide what is asked, the engine when. What is written depends on the
documents, the flows and the answers, never on timing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import chain
from pathlib import Path

from closedbook.engine import Account, Row
from closedbook.events import Emit
from closedbook.flows.loading import Flow
from closedbook.flows.stage import Columns, FlowStage, nothing_given
from closedbook.flows.titles import NAMES_ANOTHER, Titles
from closedbook.records import Document, QAPair, Rejection, StudyText
from closedbook.store.rows import write_rows


def generate(
    documents: Path,
    flows: Sequence[Flow],
    account: Account,
    out: Path,
    emit: Emit,
    *,
    given: Columns = nothing_given,
) -> dict[str, int]:
    """Run flows over `documents` (JSON lines of Document), each with the columns `given` to it, and
    write pairs.jsonl, study.jsonl, rejections.jsonl, steps.json and retry.jsonl into the folder
    `out`; returns the counts.

    Raises RunError if it has to stop; then nothing is written, and running again asks only for
    what is missing.
    """
    stage = FlowStage("generate", flows, account, given)
    titles, misnamed = Titles.of(documents), list[Rejection]()
    with stage.run(documents, out, emit) as harvest:
        made = harvest.made("pairs", partial(_pair, titles))
        return {
            "pairs": write_rows(out / "pairs.jsonl", _kept(made, misnamed)),
            "study": write_rows(out / "study.jsonl", harvest.made("study", _study)),
            "rejected": write_rows(out / "rejections.jsonl", chain(harvest.rejections(), misnamed)),
            **harvest.leave(out, emit),
        }


def _kept(made: Iterable[QAPair | Rejection], rejections: list[Rejection]) -> Iterator[QAPair]:
    for item in made:
        if isinstance(item, QAPair):
            yield item
        else:
            rejections.append(item)


def _pair(titles: Titles, document: Document, flow: str, row: Row) -> QAPair | Rejection:
    question, answer = row.columns["question"], row.columns["answer"]
    if other := titles.misnamed(question, document, row.columns.get("scope", "")):
        raw = f"{question}\n{answer}"
        return Rejection("generate", f"{flow}/titles", NAMES_ANOTHER, document.source, other, raw)
    return QAPair.make(
        document_id=document.id,
        flow=flow,
        question=question,
        answer=answer,
        reasoning=row.columns.get("reasoning", ""),
        evidence=row.columns.get("evidence", ""),
    )


def _study(document: Document, flow: str, row: Row) -> StudyText:
    return StudyText.make(
        document_id=document.id, flow=flow, title=document.title, text=row.columns["text"]
    )
