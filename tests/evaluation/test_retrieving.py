"""What is found for each question is left on disk once, for all arms, and counted."""

from __future__ import annotations

from pathlib import Path

import pytest

from closedbook.config import Evaluate
from closedbook.evaluation.retrieving import open_library, retrieve
from closedbook.events import Event
from closedbook.records import Document, Question
from closedbook.store import write_rows

TEXTS = {
    "Ada": "Ada Lom was born in Rin.\n\n" + "She liked tea. " * 20 + "\n\nAda Lom died in\nTol.",
    "Bea": "Bea Vas founded the Quill Works. " + "It made pens. " * 20,
    "Dot": "Dot Hill is a hill. " * 20,
}
QUESTIONS = (
    Question.make(
        document="Ada", question="Where did Ada Lom die?", options=("Tol", "Rin"), answer=0,
        evidence="Ada Lom died in Tol.",
    ),
    Question.make(document="Bea", question="Who made pens?", options=("Bea", "Ada"), answer=0),
    Question.make(document="Cid", question="Zzz?", options=("a", "b"), answer=0),
)  # fmt: skip


@pytest.fixture
def found(tmp_path: Path) -> tuple[Path, Path, dict[str, int | float], list[Event]]:
    documents, exam = tmp_path / "documents.jsonl", tmp_path / "exam.jsonl"
    made = [Document.make(title=title, text=text, source=title) for title, text in TEXTS.items()]
    write_rows(documents, made)
    write_rows(exam, QUESTIONS)
    told: list[Event] = []
    settings = Evaluate(passage_characters=200, retrieved=2)
    counts = retrieve(documents, exam, settings, tmp_path / "out", told.append)
    return documents, tmp_path / "out", dict(counts), told


def test_counts_say_what_was_found_and_what_cannot_be(
    found: tuple[Path, Path, dict[str, int | float], list[Event]],
) -> None:
    _, _, counts, told = found
    assert (counts["questions"], counts["documents_missing"]) == (3, 1)
    assert (counts["naming"], counts["right_document"]) == (3, 2)
    assert (counts["quoting"], counts["evidence"]) == (1, 1)
    assert "1 documents that questions name are not there" in str(told)


def test_a_prompt_marks_the_passage_that_holds_the_evidence(
    found: tuple[Path, Path, dict[str, int | float], list[Event]],
) -> None:
    documents, out, _, _ = found
    library = open_library(documents, out, Evaluate())
    prompt = library.prompt(QUESTIONS[0], "rag", "turn", lambda *_: "")
    marks = {item.evidence for item in prompt.retrieved}  # type: ignore[union-attr]
    assert True in marks
    other = library.prompt(QUESTIONS[1], "rag", "turn", lambda *_: "")
    assert {item.evidence for item in other.retrieved} == {None}  # type: ignore[union-attr]
    nothing = library.prompt(QUESTIONS[2], "rag", "turn", lambda *_: "")
    assert nothing.retrieved == ()  # type: ignore[union-attr]
