"""Some kept and some rejected question/answer pairs, each with the place in its document.

Knows what generate and curate leave. Which pairs are drawn depends on the seed and their ids alone,
not on their order or number.
"""

from __future__ import annotations

import hashlib
import heapq
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from closedbook.records import Document, QAPair, Rejection
from closedbook.store import read_rows

Row = TypeVar("Row")

DRAWN = 30
CONTEXT = 180
"""Characters of the document shown on each side of a quote."""


@dataclass(frozen=True, slots=True)
class Quote:
    """A sentence of a document with what stands around it."""

    before: str
    quoted: str
    after: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A pair as the page shows it; `reason` says why it was rejected ("" if it was kept)."""

    question: str
    answer: str
    document: str = ""
    flow: str = ""
    evidence: str = ""
    quote: Quote | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Samples:
    """The pairs drawn."""

    kept: tuple[Shown, ...] = ()
    rejected: tuple[Shown, ...] = ()


def draw_samples(out: Path, seed: int = 0) -> Samples:
    """DRAWN kept and DRAWN rejected pairs of the project whose stages are below `out`."""
    kept_file, generated = out / "curate" / "pairs.jsonl", out / "generate" / "pairs.jsonl"
    kept = _drawn(_rows(kept_file, QAPair), seed, lambda pair: pair.id)
    dropped = _drawn(
        (row for row in _rows(out / "curate" / "rejections.jsonl", Rejection) if row.raw),
        seed,
        lambda row: row.subject,
    )
    wanted = {row.subject for row in dropped}
    known = {pair.id: pair for pair in _rows(generated, QAPair) if pair.id in wanted}
    pairs = [*kept, *known.values()]
    documents = _documents(out / "documents" / "documents.jsonl", {p.document_id for p in pairs})
    return Samples(
        tuple(_shown(pair, documents) for pair in kept),
        tuple(_rejected(row, known, documents) for row in dropped),
    )


def find_quote(text: str, sentence: str) -> Quote | None:
    """The sentence in the text, whatever the space between its words; None if it is not there."""
    pattern = r"\s+".join(re.escape(word) for word in sentence.split())
    found = re.search(pattern, text, re.IGNORECASE) if pattern else None
    if found is None:
        return None
    start, end = max(0, found.start() - CONTEXT), min(len(text), found.end() + CONTEXT)
    before, after = text[start : found.start()], text[found.end() : end]
    if start:
        before = f"…{before.partition(' ')[2]}"
    if end < len(text):
        after = f"{after.rpartition(' ')[0]}…"
    return Quote(before, found.group(), after)


def _rows(path: Path, kind: type[Row]) -> Iterable[Row]:
    return read_rows(path, kind) if path.is_file() else ()


def _drawn(rows: Iterable[Row], seed: int, identity: Callable[[Row], str]) -> list[Row]:
    def lot(row: Row) -> str:
        return hashlib.sha256(f"{seed}/{identity(row)}".encode()).hexdigest()

    return heapq.nsmallest(DRAWN, rows, key=lot)


def _documents(path: Path, wanted: set[str]) -> dict[str, Document]:
    return {text.id: text for text in _rows(path, Document) if text.id in wanted}


def _shown(pair: QAPair, documents: Mapping[str, Document]) -> Shown:
    document = documents.get(pair.document_id)
    return Shown(
        question=pair.question,
        answer=pair.answer,
        document=document.title if document else "",
        flow=pair.flow,
        evidence=pair.evidence,
        quote=find_quote(document.text, pair.evidence) if document else None,
    )


def _rejected(
    row: Rejection, known: Mapping[str, QAPair], documents: Mapping[str, Document]
) -> Shown:
    reason = f"{row.reason}: {row.detail}" if row.detail else row.reason
    if row.subject in known:
        return replace(_shown(known[row.subject], documents), reason=reason)
    question, _, answer = row.raw.partition("\n")
    return Shown(question, answer, reason=reason)
