"""What curation keeps, what it drops, and that every dropped row keeps its reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from closedbook.config import Curate
from closedbook.curation import curate, own_filters
from closedbook.curation.filters import Contamination, gives_itself_away, leak
from closedbook.errors import UserError
from closedbook.events import Counts, Emit, Event, Notice, silent
from closedbook.records import Document, QAPair, Question, Rejection, StudyText
from closedbook.store import read_rows, write_rows

DOCUMENT = Document.make(title="Heron", text="Heron is a town. It lies by a lake.", source="h.md")
BARE = Document.make(title="Ibis", text="Ibis is a village.", source="i.md")


def pair(question: str, answer: str = "a lake") -> QAPair:
    return QAPair.make(document_id=DOCUMENT.id, flow="qa", question=question, answer=answer)


def exam(stem: str) -> Question:
    return Question.make(document="Heron", question=stem, options=("a lake", "a sea"), answer=0)


def run(tmp_path: Path, settings: Curate, emit: Emit) -> Counts:
    exam, plugins = tmp_path / "exam.jsonl", tmp_path / "filters"
    texts, out = tmp_path / "documents.jsonl", tmp_path / "out"
    return curate(texts, tmp_path, exam, plugins, settings, out, emit)


def curated(
    tmp_path: Path, pairs: list[QAPair], study: Sequence[StudyText] = (), stems: Sequence[str] = ()
) -> tuple[list[QAPair], Counter[str]]:
    write_rows(tmp_path / "documents.jsonl", [DOCUMENT, BARE])
    write_rows(tmp_path / "pairs.jsonl", pairs)
    write_rows(tmp_path / "study.jsonl", study)
    write_rows(tmp_path / "exam.jsonl", [exam(stem) for stem in stems])
    out = tmp_path / "out"
    counts = run(tmp_path, Curate(), silent)
    reasons = Counter(row.reason for row in read_rows(out / "rejections.jsonl", Rejection))
    assert counts["pairs"] + counts["study"] + counts["rejected"] == len(pairs) + len(study)
    return list(read_rows(out / "pairs.jsonl", QAPair)), reasons


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (pair("?"), "empty question or answer"),
        (pair("Where is Heron?", " "), "empty question or answer"),
        (pair("Where is Heron?", "far " * 2000), "answer too long"),
        (pair("Where is Heron?", "I don't know."), "the teacher refused"),
        (pair("What does the passage say of Heron?"), "refers to an unseen text"),
        (pair("Where is Heron?", "According to the text, by a lake"), "refers to an unseen text"),
        (pair("Does Heron lie by a lake?"), "the question holds its answer"),
        (pair("By what, one wonders, does Heron lie?"), "repeats an exam question"),
    ],
)
def test_a_bad_pair_goes_with_its_reason(tmp_path: Path, bad: QAPair, reason: str) -> None:
    good = pair("By what does Heron lie?")
    kept, reasons = curated(tmp_path, [good, bad], stems=["By what, one wonders, does heron lie"])
    assert kept == [good]
    assert reasons == {reason: 1}


def test_only_the_first_of_repeated_questions_stays(tmp_path: Path) -> None:
    first, again, other = pair("Where?"), pair("where ?"), pair("WHERE", "a sea")
    kept, reasons = curated(tmp_path, [first, again, other])
    assert kept == [first]
    assert reasons == {"repeated question": 1, "repeated question, other answer": 1}


def test_repeated_and_empty_study_texts_go(tmp_path: Path) -> None:
    texts = [
        StudyText.make(document_id=DOCUMENT.id, flow="study", title="Heron", text=text)
        for text in ("Heron is a town.", "heron is a town", " ")
    ]
    _, reasons = curated(tmp_path, [], texts)
    assert reasons == {"repeated text": 1, "empty text": 1}


def test_documents_without_a_pair_are_named(tmp_path: Path) -> None:
    write_rows(tmp_path / "documents.jsonl", [DOCUMENT, BARE])
    write_rows(tmp_path / "pairs.jsonl", [pair("Where?")])
    write_rows(tmp_path / "study.jsonl", [])
    events: list[Event] = []
    write_rows(tmp_path / "exam.jsonl", [])
    counts = run(tmp_path, Curate(), events.append)
    assert counts["documents_without_pairs"] == 1
    assert any(isinstance(event, Notice) and "Ibis" in event.text for event in events)


def test_a_project_adds_a_filter_in_one_file(tmp_path: Path) -> None:
    (tmp_path / "filters").mkdir()
    (tmp_path / "filters" / "mine.py").write_text(
        "from closedbook.curation import FILTERS\n"
        "@FILTERS.register('no lakes')\n"
        "def no_lakes(pair):\n"
        "    return 'about a lake' if 'lake' in pair.answer else ''\n"
    )
    write_rows(tmp_path / "documents.jsonl", [DOCUMENT])
    write_rows(tmp_path / "pairs.jsonl", [pair("Where?"), pair("Why?", "trade")])
    write_rows(tmp_path / "study.jsonl", [])
    write_rows(tmp_path / "exam.jsonl", [])
    counts = run(tmp_path, Curate(filters=("no lakes",)), silent)
    assert (counts["pairs"], counts["rejected"]) == (1, 1)
    with pytest.raises(UserError, match="did you mean 'no lakes'"):
        run(tmp_path, Curate(filters=("no lake",)), silent)


def test_a_broken_filter_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "filters").mkdir()
    (tmp_path / "filters" / "broken.py").write_text("1 / 0")
    with pytest.raises(UserError, match=r"broken\.py:1: ZeroDivisionError"):
        own_filters(tmp_path / "filters", ["x"])


LONG = "in which of the old towns by the long lake did the tall keeper first settle"


def test_twelve_shared_words_are_contamination_eleven_are_not() -> None:
    contamination = Contamination([exam(f"{LONG}?")])
    words = LONG.split()
    assert contamination.exam_question(pair(f"Tell me: {' '.join(words[:12])} down?"))
    assert not contamination.exam_question(pair(f"Tell me: {' '.join(words[:11])} down?"))


def test_an_option_alone_is_no_contamination() -> None:
    assert not Contamination([exam("By what does it lie?")]).exam_question(pair("a lake"))


@given(st.text(), st.text())
def test_filters_take_any_text(question: str, answer: str) -> None:
    row = pair(question, answer)
    assert isinstance(leak(row), str)
    assert isinstance(gives_itself_away(row), str)
