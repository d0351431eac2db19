"""What curation keeps, what it drops, and that every dropped row keeps its reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from closedbook.config import Curate
from closedbook.curation import Generated, curate, own_filters
from closedbook.curation.contamination import Contamination
from closedbook.curation.filters import rules
from closedbook.errors import UserError
from closedbook.events import Counts, Emit, Event, Notice, silent
from closedbook.records import Document, QAPair, Question, Rejection, StudyText
from closedbook.store import read_rows, write_rows

DOCUMENT = Document.make(title="Heron", text="Heron is a town. It lies by a lake.", source="h.md")
CURATE = Curate()
RULES = rules(CURATE, {DOCUMENT.id: DOCUMENT})
BARE = Document.make(title="Ibis", text="Ibis is a village.", source="i.md")


def pair(question: str, answer: str = "a lake", **more: Any) -> QAPair:
    asked = {"question": question, "answer": answer, **more}
    return QAPair(document_id=DOCUMENT.id, flow="qa", **asked)


def exam(stem: str) -> Question:
    return Question(document="Heron", question=stem, options=("a lake", "a sea"), answer=0)


def run(tmp_path: Path, settings: Curate, emit: Emit) -> Counts:
    exam, plugins = tmp_path / "exam.jsonl", tmp_path / "filters"
    generated = Generated(tmp_path / "documents.jsonl", tmp_path, exam, plugins)
    return curate(generated, settings, tmp_path / "out", emit)


def curated(
    tmp_path: Path,
    pairs: list[QAPair],
    study: Sequence[StudyText] = (),
    stems: Sequence[str] = (),
    settings: Curate = CURATE,
) -> tuple[list[QAPair], Counter[str]]:
    write_rows(tmp_path / "documents.jsonl", [DOCUMENT, BARE])
    write_rows(tmp_path / "pairs.jsonl", pairs)
    write_rows(tmp_path / "study.jsonl", study)
    write_rows(tmp_path / "exam.jsonl", [exam(stem) for stem in stems])
    out = tmp_path / "out"
    counts = run(tmp_path, settings, silent)
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
        (pair("Where is Heron?", "That is not stated."), "the answer says that it is not told"),
        (pair("Who?"), "question too short"),
        (pair(f"Where {'oh where ' * 200} is Heron?"), "question too long"),
        (pair("Where is Heron?", "by <think>hm, a lake"), "thinking in question or answer"),
        (pair("Where is Heron?", "a lake [END]"), "a mark of the form is left"),
        (pair("Where is Heron?", "```\na lake"), "a code block is not closed"),
        (pair("Wo liegt Heron?", "Es liegt an einem See."), "in another language (de)"),
        (pair("By  whom lies Heron?", verdicts={"faithful": "NO"}), "judged faithful NO"),
        (pair("What does the passage say of Heron?"), "refers to an unseen text"),
        (pair("Where is Heron?", "According to the text, by a lake"), "refers to an unseen text"),
        (pair("Does Heron lie by a lake?"), "the question holds its answer"),
        (pair("By what, one wonders, does Heron lie?"), "repeats an exam question"),
    ],
)
def test_a_bad_pair_goes_with_its_reason(tmp_path: Path, bad: QAPair, reason: str) -> None:
    good = pair("By what does Heron lie?")
    stems, settings = (
        ["By what, one wonders, does heron lie"],
        Curate(verdicts={"faithful": ("YES",)}),
    )
    kept, reasons = curated(tmp_path, [good, bad], stems=stems, settings=settings)
    assert kept == [good]
    assert reasons == {reason: 1}


def test_only_the_first_of_repeated_questions_stays(tmp_path: Path) -> None:
    first, again, other = pair("Where?"), pair("where ?"), pair("WHERE!", "a sea")
    kept, reasons = curated(tmp_path, [first, again, other])
    assert kept == [first]
    assert reasons == {"repeated question": 1, "repeated question, other answer": 1}


def test_repeated_and_empty_study_texts_go(tmp_path: Path) -> None:
    texts = [
        StudyText(document_id=DOCUMENT.id, flow="study", title="Heron", text=text)
        for text in ("Heron is a town.", "heron is a town", " ")
    ]
    _, reasons = curated(tmp_path, [pair("?")], texts)
    assert reasons == {"repeated text": 1, "empty text": 1, "empty question or answer": 1}
    assert run(tmp_path, CURATE, silent)["study_rejected"] == 2


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
    write_rows(tmp_path / "pairs.jsonl", [pair("Where?"), pair("Why so?", "trade")])
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
    twelve, eleven = (f"Tell me: {' '.join(words[:n])} down here at last?" for n in (12, 11))
    assert contamination.in_pair(twelve, "Ibis")
    assert contamination.in_pair("Tell me?", twelve)
    assert not contamination.in_pair(eleven, eleven)


def test_an_option_alone_is_no_contamination() -> None:
    assert not Contamination([exam("By what does it lie?")]).in_pair("a lake", "a lake")


def test_a_question_that_is_nearly_a_stem_is_contamination() -> None:
    contamination = Contamination([exam("In what year was Heron founded?"), exam("Why a lake?")])
    hit = contamination.in_pair("What year was Heron founded?", "1548")
    assert hit
    assert (hit.question.question, hit.why) == (
        "In what year was Heron founded?",
        "nearly the same question",
    )
    assert not contamination.in_pair("In what year was Ibis founded?", "1548")


def test_the_opening_that_names_a_document_does_not_hide_a_stem() -> None:
    asked = replace(
        exam("In the tale of Heron, why did she leave?"), about="In the tale of Heron, "
    )
    assert Contamination([asked]).in_pair("Why did she leave?", "for trade")


TITLE = "The True and Sad Tale of the Last Keeper of the Tall Lamp by the Long Lake"


@pytest.mark.parametrize("about", [f"In {TITLE}, ", ""])
def test_what_only_names_the_document_gives_nothing_away(about: str) -> None:
    stem = f"In {TITLE}, why did she leave her old house in the dark?"
    asked = replace(exam(stem), about=about, document=TITLE)
    contamination = Contamination([asked])
    assert not contamination.in_pair(f"In {TITLE}, who is Ada?", "a mason")
    assert not contamination.in_text(f"{TITLE} is a long tale.")
    assert contamination.in_pair(f"So, in {TITLE}, why did she leave her old house?", "for trade")


def test_a_short_question_under_the_same_long_opening_is_another_question() -> None:
    about = f"In {TITLE}, as told here and in all the other old books of that town, "
    asked = replace(exam(f"{about}why so?"), about=about, document=TITLE)
    assert not Contamination([asked]).in_pair(f"{about}who?", "Ada")
    assert Contamination([asked]).in_pair(f"{about}Why so?", "for trade")


def test_removed_rows_stand_beside_the_exams_question(tmp_path: Path) -> None:
    text = StudyText(document_id=DOCUMENT.id, flow="study", title="Heron", text=f"So: {LONG}.")
    curated(tmp_path, [pair("Why a lake?")], [text], stems=[LONG, "Why a lake"])
    listed = read_rows(tmp_path / "out" / "contamination.jsonl", dict[str, Any])
    assert [(row["why"], row["question"]) for row in listed] == [
        ("the same question", "Why a lake"),
        ("12 words in a row", LONG),
    ]


def test_rules_that_are_left_out_drop_nothing(tmp_path: Path) -> None:
    rows = [pair("Where in the text?"), pair("where, in the text?"), pair("Why there?")]
    settings = Curate(without=("leak", "repeats", "contamination"))
    kept, _ = curated(tmp_path, rows, stems=["Why there?"], settings=settings)
    assert kept == rows


LONGER = "Which of the old towns by the long lake did the keeper of the tall lamp settle in first"


def test_a_nearly_equal_question_goes_only_with_an_equal_answer(tmp_path: Path) -> None:
    rows = [
        pair(f"{LONGER}?", "Heron"),
        pair(f"{LONGER.replace('the tall', 'that tall')}?", "Heron"),
        pair(f"{LONGER.replace('first', 'later')}?", "Ibis"),
        pair("By what does Heron lie?"),
        pair("Heron lies by what?"),
    ]
    kept, reasons = curated(tmp_path, rows)
    assert kept == [rows[0], *rows[2:]]
    assert reasons == {"nearly a repeated question": 1}


def test_coverage_says_which_sentences_are_touched_and_by_what(tmp_path: Path) -> None:
    quoted = pair("What is Heron?", "a town", evidence="Heron is a town.")
    told = pair("Where does Heron lie?", "beside a lake")
    curated(tmp_path, [quoted, told, pair("What of Heron?", "Heron is a town")])
    first, bare = read_rows(tmp_path / "out" / "coverage.jsonl", dict[str, Any])
    assert (first["times"], first["quoted"], first["untouched"]) == ([2, 1], 1, [])
    assert (bare["pairs"], bare["untouched"]) == (0, ["Ibis is a village."])


@given(st.text(), st.text())
def test_filters_take_any_text(question: str, answer: str) -> None:
    row = pair(question, answer)
    for rule in RULES.values():
        assert isinstance(rule(row), str)
