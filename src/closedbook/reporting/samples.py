"""Some kept and some rejected question/answer pairs, each with the place in its document.

Knows what generate and curate leave. Which pairs are drawn depends on their ids alone,
not on their order or number.
"""

from __future__ import annotations

import hashlib
import heapq
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import TypeVar

from closedbook.records import Document, QAPair, Rejection
from closedbook.store import rows_if_any

Row = TypeVar("Row")

DRAWN = 30
EXAMPLES = 5
"""Of repeated pairs."""
GIVEN_AWAY = 50
"""Rows that are shown beside the exam's question which they give away."""
REPEATS = "repeats"
"""The filter that drops them."""
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
    """The pairs drawn, and curate's first rows of what gives an exam's question away."""

    kept: tuple[Shown, ...] = ()
    rejected: tuple[Shown, ...] = ()
    repeated: tuple[Shown, ...] = ()
    given_away: tuple[Mapping[str, str], ...] = ()


def draw_samples(out: Path) -> Samples:
    """DRAWN kept and DRAWN rejected pairs of the project whose stages are below `out`, and EXAMPLES
    repeated ones."""
    curated, generated = out / "curate", out / "generate" / "pairs.jsonl"
    kept = _drawn(rows_if_any(curated / "pairs.jsonl", QAPair), lambda pair: pair.id)
    rejected = _drawn(_dropped(curated), lambda row: row.subject)
    repeats = (row for row in _dropped(curated) if row.step == REPEATS)
    repeated = _drawn(repeats, lambda row: row.subject, EXAMPLES)
    dropped = [*rejected, *repeated]
    wanted = {row.subject for row in dropped}
    known = {pair.id: pair for pair in rows_if_any(generated, QAPair) if pair.id in wanted}
    pairs = [*kept, *known.values()]
    about = {pair.document_id for pair in pairs}
    every = rows_if_any(out / "documents" / "documents.jsonl", Document)
    documents = {document.id: document for document in every if document.id in about}
    return Samples(
        tuple(_shown(pair, documents) for pair in kept),
        tuple(_rejected(row, known, documents) for row in rejected),
        tuple(_rejected(row, known, documents) for row in repeated),
        tuple(islice(rows_if_any(curated / "contamination.jsonl", dict[str, str]), GIVEN_AWAY)),
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


def _dropped(curated: Path) -> Iterator[Rejection]:
    return (row for row in rows_if_any(curated / "rejections.jsonl", Rejection) if row.raw)


def _drawn(rows: Iterable[Row], identity: Callable[[Row], str], most: int = DRAWN) -> list[Row]:
    def lot(row: Row) -> str:
        return hashlib.sha256(f"0/{identity(row)}".encode()).hexdigest()

    return heapq.nsmallest(most, rows, key=lot)


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
