"""The generate stage: documents and flows in, pairs and study texts out.

Knows records and files; flows decide what is asked, the engine when. What is written depends on the
documents, the flows and the answers, never on timing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path

from closedbook.engine import Account
from closedbook.events import Emit
from closedbook.flows.again import asked_again
from closedbook.flows.loading import Flow
from closedbook.flows.stage import Columns, FlowStage, Texts, nothing_given
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
    rounds: int = 0,
) -> dict[str, int]:
    """Run flows over `documents` (JSON lines of Document), each with the columns `given` to it, and
    write pairs.jsonl, study.jsonl, rejections.jsonl, steps.json and retry.jsonl into the folder
    `out`; returns the counts. After `rounds` before, new answers are asked for.

    Raises RunError if it has to stop; then nothing is written, and running again asks only for
    what is missing.
    """
    asked = [asked_again(flow, rounds) for flow in flows] if rounds else flows
    stage = FlowStage("generate", asked, account, given)
    titles, misnamed = Titles.of(documents), list[Rejection]()
    verdicts = {flow.name: flow.verdicts for flow in flows}

    def pair(document: Document, flow: str, texts: Texts) -> QAPair | Rejection:
        other = titles.misnamed(texts["question"], document, texts.get("scope", ""))
        made = _pair(document, flow, texts, verdicts[flow])
        return _misnamed(made, document, other) if other else made

    with stage.run(documents, out, emit) as harvest:
        return {
            "pairs": write_rows(out / "pairs.jsonl", _kept(harvest.made("pairs", pair), misnamed)),
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


def _misnamed(pair: QAPair, document: Document, other: str) -> Rejection:
    raw = f"{pair.question}\n{pair.answer}"
    step = f"{pair.flow}/titles"
    return Rejection("generate", step, NAMES_ANOTHER, document.source, other, raw)


def _pair(document: Document, flow: str, texts: Texts, verdicts: Sequence[str]) -> QAPair:
    return QAPair(
        document_id=document.id,
        flow=flow,
        question=texts["question"],
        answer=texts["answer"],
        reasoning=texts.get("reasoning", ""),
        evidence=texts.get("evidence", ""),
        verdicts={name: texts[name] for name in verdicts if texts.get(name)},
    )


def _study(document: Document, flow: str, texts: Texts) -> StudyText:
    return StudyText(document_id=document.id, flow=flow, title=document.title, text=texts["text"])
