"""Sitting an exam: who is asked what, what happens to what does not fit, what is written."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from closedbook.config import Evaluate
from closedbook.errors import EvaluationError
from closedbook.evaluation import Exam, answer_exams
from closedbook.events import Event, Notice, StageProgress
from closedbook.records import Condition, Document, Message, Question, Response
from closedbook.store import read_rows, write_rows

ADA = "Ada Lom was born in Rin. " + "She liked tea. " * 30 + "Ada Lom died in Tol."
BEA = "Bea Vas founded the Quill Works. " + "It made pens. " * 30
QUESTIONS = (
    Question.make(document="Ada", question="Ada Lom was born?", options=("Tol", "Rin"), answer=1),
    Question.make(document="Bea", question="Bea Vas founded?", options=("Quill", "Ink"), answer=0),
    Question.make(document="Cid", question="Who is Cid?", options=("a", "b", "c"), answer=2),
)


@dataclass
class ReadsWords:
    """Prefers the option that stands in its prompt; takes at most `context` words."""

    context: int = 10_000
    refused: str = ""
    prompts: list[str] = field(default_factory=list)

    def refusal(self, prompt: Sequence[Message], options: Sequence[str]) -> str:
        text = prompt[0].content
        if self.refused and self.refused in text:
            return "special token in text"
        return "too long" if len(text.split()) > self.context else ""

    def score(
        self, prompts: Sequence[Sequence[Message]], options: Sequence[Sequence[str]]
    ) -> list[tuple[float, ...]]:
        texts = [prompt[0].content for prompt in prompts]
        self.prompts += texts
        return [
            tuple(-1.0 - (option not in text) for option in choices)
            for text, choices in zip(texts, options, strict=True)
        ]

    def write(self, prompts: Sequence[Sequence[Message]]) -> list[str]:
        return [prompt[0].content.split()[0] for prompt in prompts]


@pytest.fixture
def documents(tmp_path: Path) -> Path:
    file = tmp_path / "documents.jsonl"
    texts = {"Ada": ADA, "Bea": BEA, "Dot": "Dot Hill is a hill. " * 20}
    write_rows(
        file,
        [Document.make(title=title, text=text, source=title) for title, text in texts.items()],
    )
    return file


def sit(
    examinee: ReadsWords, documents: Path, *conditions: Condition
) -> tuple[list[Response], dict[str, int | float], list[Event]]:
    told: list[Event] = []
    out = documents.parent / "out"
    exam = Exam("own", QUESTIONS, conditions)
    settings = Evaluate(passage_characters=200, retrieved=2)
    counts = answer_exams([exam], "base", examinee, documents, settings, out, told.append)
    return list(read_rows(out / "responses.jsonl", Response)), dict(counts), told


def test_closed_book_gives_the_question_alone(documents: Path) -> None:
    examinee = ReadsWords()
    responses, counts, _ = sit(examinee, documents, "closed_book")
    assert examinee.prompts == [question.question for question in QUESTIONS]
    assert counts == {"responses": 3}
    assert [(r.question_id, r.condition, r.titles) for r in responses] == [
        (question.id, "closed_book", ()) for question in QUESTIONS
    ]


def test_rag_puts_the_best_passage_next_to_the_question(documents: Path) -> None:
    examinee = ReadsWords()
    responses, _, _ = sit(examinee, documents, "rag")
    assert responses[0].titles[-1] == "Ada"
    assert responses[1].titles[-1] == "Bea"
    first = examinee.prompts[0].split("\n\n")
    assert len(first) == 3
    assert "born in Rin" in first[1]
    assert first[2] == QUESTIONS[0].question
    assert max(map(len, first)) <= 200


def test_open_book_gives_the_whole_document_and_counts_questions_without_one(
    documents: Path,
) -> None:
    examinee = ReadsWords()
    responses, counts, told = sit(examinee, documents, "open_book")
    assert [response.document for response in responses] == ["Ada", "Bea"]
    assert ADA.strip() in examinee.prompts[0]
    assert counts["open book, not asked: its document is not among the documents"] == 1
    assert any(
        isinstance(event, Notice) and "1 questions: open book" in event.text for event in told
    )


def test_the_best_score_is_chosen_and_compared_with_the_answer(documents: Path) -> None:
    responses, _, _ = sit(ReadsWords(), documents, "open_book")
    ada, bea = responses
    assert ada.scores == (-1.0, -1.0)
    assert (ada.chosen, ada.correct) == (0, False)
    assert (bea.scores, bea.chosen, bea.correct) == ((-1.0, -2.0), 0, True)
    assert bea.text == "Bea"


def test_a_document_that_does_not_fit_is_cut_and_the_question_is_not(documents: Path) -> None:
    examinee = ReadsWords(context=20)
    _, counts, told = sit(examinee, documents, "open_book")
    assert examinee.prompts[0].startswith("Ada Lom was born in Rin. She liked tea.")
    assert examinee.prompts[0].endswith(QUESTIONS[0].question)
    assert len(examinee.prompts[0].split()) == 20
    assert counts["open book, text beside the question shortened to fit"] == 2
    assert any(isinstance(event, Notice) and "shortened" in event.text for event in told)


def test_rag_drops_the_worst_passage_first(documents: Path) -> None:
    examinee = ReadsWords(context=55)
    responses, counts, _ = sit(examinee, documents, "rag")
    assert responses[0].titles == ("Ada",)
    assert "born in Rin" in examinee.prompts[0]
    assert counts["RAG, text beside the question shortened to fit"] >= 1


def test_a_question_too_long_for_the_student_is_counted_not_cut(documents: Path) -> None:
    responses, counts, _ = sit(ReadsWords(context=3), documents, "closed_book", "open_book")
    assert [response.condition for response in responses] == [
        *("closed_book",) * 2,
        "open_book",
    ]
    assert counts["closed book, not asked: too long"] == 1
    assert counts["open book, not asked: too long"] == 1


def test_text_the_student_cannot_be_given_is_counted_with_the_reason(documents: Path) -> None:
    responses, counts, _ = sit(ReadsWords(refused="Bea"), documents, "closed_book")
    assert len(responses) == 2
    assert counts["closed book, not asked: special token in text"] == 1


def test_a_diverged_student_stops_the_run_with_a_hint(documents: Path) -> None:
    class Diverged(ReadsWords):
        def score(
            self, prompts: Sequence[Sequence[Message]], options: Sequence[Sequence[str]]
        ) -> list[tuple[float, ...]]:
            return [(math.nan,) * len(choices) for choices in options]

    with pytest.raises(EvaluationError, match="not a number") as caught:
        sit(Diverged(), documents, "closed_book")
    assert "learning_rate" in caught.value.hint


def test_progress_reaches_the_total_over_conditions(documents: Path) -> None:
    _, _, told = sit(ReadsWords(), documents, "closed_book", "rag")
    steps = [event for event in told if isinstance(event, StageProgress)]
    assert (steps[-1].stage, steps[-1].done, steps[-1].total) == ("evaluate/base", 6, 6)
