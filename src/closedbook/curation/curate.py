"""The curate stage: generated rows in, kept rows, rejections and coverage out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path

from closedbook.config import Curate
from closedbook.curation.filters import (
    FILTERS,
    Contamination,
    Filter,
    Repeats,
    bad_form,
    gives_itself_away,
    leak,
    words,
)
from closedbook.events import Counts, Emit, Notice, StageProgress
from closedbook.records import Document, QAPair, Question, Rejection, StudyText
from closedbook.registry import load_folder
from closedbook.store import read_rows, write_rows

STAGE = "curate"


def curate(
    documents: Path,
    generated: Path,
    exam: Path,
    plugins: Path,
    settings: Curate,
    out: Path,
    emit: Emit,
) -> Counts:
    """Filter `generated`/pairs.jsonl and study.jsonl; writes the kept ones under the same names,
    `rejections.jsonl` and `coverage.jsonl` (kept rows per document).

    `exam` holds Question records; `plugins` is the folder of the project's own filters. Raises
    UserError for a filter that does not exist.
    """
    rejections: list[Rejection] = []
    contamination = Contamination(read_rows(exam, Question))
    made = read_rows(generated / "pairs.jsonl", QAPair)
    # Repeats come last: a pair that another filter drops must not stand for the fact.
    own = own_filters(plugins, settings.filters)
    filters: list[tuple[str, Filter]] = [*_built_in(settings), *own, ("repeats", Repeats())]
    pairs = list(_kept_pairs(made, filters, contamination, rejections))
    study = list(_kept_study(read_rows(generated / "study.jsonl", StudyText), rejections))
    write_rows(out / "pairs.jsonl", pairs)
    write_rows(out / "study.jsonl", study)
    write_rows(out / "rejections.jsonl", rejections)
    bare = _write_coverage(read_rows(documents, Document), pairs, study, out)
    if bare:
        emit(Notice(STAGE, f"{len(bare)} documents have no question: {', '.join(bare[:3])} ..."))
    emit(StageProgress(STAGE, len(pairs) + len(study), len(pairs) + len(study) + len(rejections)))
    return {
        "pairs": len(pairs),
        "study": len(study),
        "rejected": len(rejections),
        "documents_without_pairs": len(bare),
    }


def own_filters(folder: Path, names: Sequence[str]) -> list[tuple[str, Filter]]:
    """The filters of these names, from the project's folder or an installed package."""
    load_folder(folder)
    return [(name, FILTERS.get(name)) for name in names]


def _built_in(settings: Curate) -> tuple[tuple[str, Filter], ...]:
    return (
        ("form", partial(bad_form, max_answer_characters=settings.max_answer_characters)),
        ("leak", leak),
        ("answer in question", gives_itself_away),
    )


def _kept_pairs(
    pairs: Iterable[QAPair],
    filters: Sequence[tuple[str, Filter]],
    contamination: Contamination,
    rejections: list[Rejection],
) -> Iterable[QAPair]:
    for pair in pairs:
        raw = f"{pair.question}\n{pair.answer}"
        if stem := contamination.exam_question(pair):
            reason = "repeats an exam question"
            rejections.append(Rejection(STAGE, "contamination", reason, pair.id, stem, raw))
            continue
        dropped = ((step, reason) for step, test in filters if (reason := test(pair)))
        if verdict := next(dropped, None):
            rejections.append(Rejection(STAGE, *verdict, pair.id, raw=raw))
        else:
            yield pair


def _kept_study(texts: Iterable[StudyText], rejections: list[Rejection]) -> Iterable[StudyText]:
    seen: set[tuple[str, tuple[str, ...]]] = set()
    for text in texts:
        key = (text.document_id, words(text.text))
        reason = "repeated text" if key in seen else "" if key[1] else "empty text"
        if reason:
            rejections.append(Rejection(STAGE, "study", reason, text.id, raw=text.text))
        else:
            seen.add(key)
            yield text


def _write_coverage(
    documents: Iterable[Document], pairs: list[QAPair], study: list[StudyText], out: Path
) -> list[str]:
    """Kept rows per document; returns the titles of documents without a pair."""
    asked = Counter(pair.document_id for pair in pairs)
    studied = Counter(text.document_id for text in study)
    rows = [
        {"document": document.title, "pairs": asked[document.id], "study": studied[document.id]}
        for document in documents
    ]
    write_rows(out / "coverage.jsonl", rows)
    return [str(row["document"]) for row in rows if not row["pairs"]]
