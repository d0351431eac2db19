"""The curate stage: generated rows in, kept rows, rejections and coverage out.

Rows are read in the order in which they were generated, document by document, and written as they
come; memory holds the documents and some numbers for each sentence.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from closedbook.config import Curate
from closedbook.curation.coverage import sentences
from closedbook.curation.known import Known
from closedbook.curation.refill import Again, Refill
from closedbook.curation.sieve import CONTAMINATION, STAGE, Sieve, own_filters
from closedbook.events import Counts, Emit, Notice, StageProgress
from closedbook.hints import path_shown
from closedbook.records import Document, QAPair, Question, StudyText
from closedbook.store import read_rows, write_rows
from closedbook.store.rows import rows_if_any, rows_written

OF_REFILL = ("refilled", "documents_below_target")
COVERAGE = "coverage.jsonl"
NAMED = 5
"""Documents that a notice names."""


@dataclass(frozen=True, slots=True)
class Generated:
    """Where documents, generated rows, exams and the project's own filters are, and how more pairs
    are generated (None: not at all)."""

    documents: Path
    rows: Path
    exam: Path
    plugins: Path
    again: Again | None = None


def curate(generated: Generated, settings: Curate, out: Path, emit: Emit) -> Counts:
    """Sort the generated pairs and study texts; writes the kept ones under the same names,
    `rejections.jsonl`, `contamination.jsonl` (what gives an exam away, beside its question) and
    `coverage.jsonl` (a line per document: which sentences the kept pairs touch).

    Raises UserError for a filter that does not exist, and what generating again raises.
    """
    own = own_filters(generated.plugins, settings.filters)
    known = {text.id: Known(text) for text in read_rows(generated.documents, Document)}
    documents = {identity: one.document for identity, one in known.items()}
    with (
        rows_written(out / "rejections.jsonl") as reject,
        rows_written(out / "contamination.jsonl") as contaminated,
    ):
        exams = read_rows(generated.exam, Question)
        sieve = Sieve(settings, documents, exams, own, reject, contaminated)
        pairs = out / "pairs.jsonl"
        write_rows(pairs, _kept_pairs(generated.rows / "pairs.jsonl", sieve, known))
        texts = _kept_study(generated.rows / "study.jsonl", sieve, known)
        of_pairs = sieve.dropped.total()
        study = write_rows(out / "study.jsonl", texts)
        of_study = sieve.dropped.total() - of_pairs
        asked: Counts = {}
        if settings.refill and generated.again:
            asked = Refill(generated.again, sieve, known, pairs).run(settings, emit)
    target = settings.refill or 1
    write_rows(out / COVERAGE, (one.row(target) for one in known.values()))
    if text := below_target(out):
        emit(Notice(STAGE, text))
    kept = sum(one.pairs for one in known.values())
    rejected = sieve.dropped.total()
    emit(StageProgress(STAGE, kept + study, kept + study + rejected))
    return {
        "pairs": kept,
        "study": study,
        "rejected": rejected,
        "study_rejected": of_study,
        "contaminated": sieve.dropped[CONTAMINATION],
        **_covered(known, target),
        **asked,
    }


def _kept_pairs(file: Path, sieve: Sieve, known: Mapping[str, Known]) -> Iterator[QAPair]:
    for identity, pairs in groupby(read_rows(file, QAPair), key=lambda pair: pair.document_id):
        sieve.begin()
        yield from known[identity].touched(filter(sieve.keeps, pairs))


def _kept_study(file: Path, sieve: Sieve, known: Mapping[str, Known]) -> Iterator[StudyText]:
    for identity, texts in groupby(read_rows(file, StudyText), key=lambda text: text.document_id):
        sieve.begin()
        for text in filter(sieve.keeps_study, texts):
            known[identity].study += 1
            yield text


def _covered(known: Mapping[str, Known], target: int) -> dict[str, int]:
    counts = {
        "refilled": sum(len(one.refilled) for one in known.values()),
        "documents_without_pairs": sum(not one.pairs for one in known.values()),
        "documents_below_target": sum(one.pairs < target for one in known.values()),
        "sentences": sum(len(sentences(one.document.text)) for one in known.values()),
        "sentences_touched": sum(n > 0 for one in known.values() for n in one.times),
    }
    return counts if target > 1 else {k: n for k, n in counts.items() if k not in OF_REFILL}


def below_target(out: Path) -> str:
    """Which documents kept too few pairs, from what `curate` left in `out`; "" if none did."""
    file = out / COVERAGE
    bare = [row for row in rows_if_any(file, dict[str, Any]) if row["below_target"]]
    if not bare:
        return ""
    told = ", ".join(f"{row['document']} ({row['pairs']})" for row in bare[:NAMED])
    more = ", ..." if len(bare) > NAMED else ""
    return f"documents with too few pairs: {told}{more}; {len(bare)} in all, see {path_shown(file)}"
