"""Sitting an exam: who is asked what, what happens to what does not fit, what is written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from closedbook.config import Evaluate
from closedbook.evaluation import Exam, Examinee, answer_exams
from closedbook.evaluation.asking import Answering, Ask, Said
from closedbook.evaluation.conditions import Library, whole_documents
from closedbook.events import Event, Notice, StageProgress
from closedbook.records import Condition, Document, Message, Question, Response
from closedbook.retrieval import LexicalIndex, passages
from closedbook.store import read_rows

ADA = "Ada Lom was born in Rin. " + "She liked tea. " * 30 + "Ada Lom died in Tol."
BEA = "Bea Vas founded the Quill Works. " + "It made pens. " * 30
QUESTIONS = (
    Question(document="Ada", question="Ada Lom was born?", options=("Tol", "Rin"), answer=1),
    Question(document="Bea", question="Bea Vas founded?", options=("Quill", "Ink"), answer=0),
    Question(document="Cid", question="Who is Cid?", options=("a", "b", "c"), answer=2),
)


@dataclass
class ReadsWords:
    """Prefers the option that stands in its prompt; takes at most `context` words. With `say` it
    writes that instead."""

    context: int = 10_000
    refused: str = ""
    answering: Answering = "turn"
    say: Callable[[Ask], Said] | None = None
    prompts: list[str] = field(default_factory=list)

    def refusal(self, prompt: Sequence[Message], _options: Sequence[str]) -> str:
        text = prompt[0].content
        if self.refused and self.refused in text:
            return "special token in text"
        return "too long" if len(text.split()) > self.context else ""

    def answer(self, asks: Iterator[Ask], take: Callable[[Ask, Said], None]) -> None:
        for ask in asks:
            text = ask.prompt.messages[0].content
            self.prompts.append(text)
            scores = tuple(-1.0 - (option not in text) for option in ask.prompt.options)
            take(ask, self.say(ask) if self.say else Said(text.split()[0], scores))


def library_of(
    documents: Iterable[Document], questions: Iterable[Question], *, characters: int, retrieved: int
) -> Library:
    """What the stages leave for these documents and questions, by words."""
    kept = list(documents)
    cut = [passage for document in kept for passage in passages(document, characters)]
    with LexicalIndex(cut) as index:
        found = {item.id: index.search(item.question, retrieved) for item in questions}
    return Library(whole_documents(kept), found, retrieved)


def documents() -> list[Document]:
    texts = {"Ada": ADA, "Bea": BEA, "Dot": "Dot Hill is a hill. " * 20}
    return [Document.make(title=title, text=text, source=title) for title, text in texts.items()]


def sit(
    examinee: Examinee, out: Path, *conditions: Condition, **changes: Any
) -> tuple[list[Response], dict[str, int | float], list[Event]]:
    told: list[Event] = []
    exam = Exam("own", QUESTIONS, conditions)
    settings = Evaluate(**changes)
    library = library_of(documents(), QUESTIONS, characters=200, retrieved=2)
    counts = answer_exams([exam], "base", examinee, library, settings, out, told.append)
    return list(read_rows(out / "responses.jsonl", Response)), dict(counts), told


def test_closed_book_gives_the_question_alone(tmp_path: Path) -> None:
    examinee = ReadsWords()
    responses, counts, _ = sit(examinee, tmp_path, "closed_book")
    assert examinee.prompts == [question.question for question in QUESTIONS]
    assert counts == {"responses": 3}
    assert [(r.question_id, r.condition, r.retrieved) for r in responses] == [
        (question.id, "closed_book", ()) for question in QUESTIONS
    ]


def test_rag_puts_the_best_passage_next_to_the_question(tmp_path: Path) -> None:
    examinee = ReadsWords()
    responses, _, _ = sit(examinee, tmp_path, "rag")
    assert responses[0].retrieved[-1].title == "Ada"
    assert responses[1].retrieved[-1].title == "Bea"
    first = examinee.prompts[0].split("\n\n")
    assert len(first) == 3
    assert "born in Rin" in first[1]
    assert first[2] == QUESTIONS[0].question
    assert max(map(len, first)) <= 200


def test_open_book_gives_the_whole_document_and_counts_questions_without_one(
    tmp_path: Path,
) -> None:
    examinee = ReadsWords()
    responses, counts, told = sit(examinee, tmp_path, "open_book")
    assert [response.document for response in responses] == ["Ada", "Bea"]
    assert ADA.strip() in examinee.prompts[0]
    assert counts["open book, not asked: its document is not among the documents"] == 1
    assert any(
        isinstance(event, Notice) and "1 questions: open book" in event.text for event in told
    )


def test_the_best_score_is_chosen_and_compared_with_the_answer(tmp_path: Path) -> None:
    responses, _, _ = sit(ReadsWords(), tmp_path, "open_book")
    ada, bea = responses
    assert ada.scores == (-1.0, -1.0)
    assert (ada.chosen, ada.correct) == (0, False)
    assert (bea.scores, bea.chosen, bea.correct) == ((-1.0, -2.0), 0, True)
    assert bea.text == "Bea"


def test_a_document_that_does_not_fit_is_cut_and_the_question_is_not(tmp_path: Path) -> None:
    examinee = ReadsWords(context=20)
    _, counts, told = sit(examinee, tmp_path, "open_book")
    assert examinee.prompts[0].startswith("Ada Lom was born in Rin. She liked tea.")
    assert examinee.prompts[0].endswith(QUESTIONS[0].question)
    assert len(examinee.prompts[0].split()) == 20
    assert counts["open book, text beside the question shortened to fit"] == 2
    assert any(isinstance(event, Notice) and "shortened" in event.text for event in told)


def test_rag_drops_the_worst_passage_first(tmp_path: Path) -> None:
    examinee = ReadsWords(context=55)
    responses, counts, _ = sit(examinee, tmp_path, "rag")
    assert [passage.title for passage in responses[0].retrieved] == ["Ada"]
    assert "born in Rin" in examinee.prompts[0]
    assert counts["RAG, text beside the question shortened to fit"] >= 1


def test_a_question_too_long_for_the_student_is_counted_not_cut(tmp_path: Path) -> None:
    responses, counts, _ = sit(ReadsWords(context=3), tmp_path, "closed_book", "open_book")
    assert [response.condition for response in responses] == [
        *("closed_book",) * 2,
        "open_book",
    ]
    assert counts["closed book, not asked: too long"] == 1
    assert counts["open book, not asked: too long"] == 1


def test_text_the_student_cannot_be_given_is_counted_with_the_reason(tmp_path: Path) -> None:
    responses, counts, _ = sit(ReadsWords(refused="Bea"), tmp_path, "closed_book")
    assert len(responses) == 2
    assert counts["closed book, not asked: special token in text"] == 1


def test_progress_reaches_the_total_over_conditions(tmp_path: Path) -> None:
    _, _, told = sit(ReadsWords(), tmp_path, "closed_book", "rag")
    steps = [event for event in told if isinstance(event, StageProgress)]
    assert (steps[-1].stage, steps[-1].done, steps[-1].total) == ("evaluate/base", 6, 6)


def test_options_are_turned_and_scores_come_back_in_their_order(tmp_path: Path) -> None:
    examinee = ReadsWords(answering="letter")
    responses, counts, _ = sit(examinee, tmp_path, "open_book", permutations=4)
    ada = [response for response in responses if response.document == "Ada"]
    assert [(r.permutation, r.scores) for r in ada] == [(0, (-1.0, -1.0)), (1, (-1.0, -1.0))]
    assert "A. Tol\nB. Rin" in examinee.prompts[0]
    assert "A. Rin\nB. Tol" in examinee.prompts[1]
    bea = [response for response in responses if response.document == "Bea"]
    assert [r.scores for r in bea] == [(-1.0, -1.0), (-1.0, -1.0)]
    assert [r.shown(r.answer) for r in bea] == [0, 1]
    assert counts["responses"] == 4


def answers(text: str, **more: Any) -> ReadsWords:
    return ReadsWords(answering="generate", say=lambda _: Said(text, **more))


def test_a_model_that_always_says_a_is_right_where_a_is(tmp_path: Path) -> None:
    responses, counts, _ = sit(answers("Answer: A"), tmp_path, "closed_book", permutations=4)
    assert counts == {"responses": 7}
    assert {response.extracted for response in responses} == {"answer line"}
    by_question = {r.question_id: 0.0 for r in responses}
    for response in responses:
        by_question[response.question_id] += response.correct
    # In every order of the options once: by chance, and not by the letter.
    assert list(by_question.values()) == [1, 1, 1]
    _, _, told = sit(answers("Answer: A"), tmp_path, "closed_book", permutations=4, samples=3)
    assert "21 of 21 answers took the option shown as A, where 9 right ones stand" in str(told)


def test_an_arm_is_not_said_to_take_one_letter_where_that_says_nothing(tmp_path: Path) -> None:
    """Options that are scored and not shown have no letter; and where the right ones stand first,
    a good arm takes the first."""
    first = ReadsWords(say=lambda ask: Said("", (-1.0, -2.0, -3.0)[: len(ask.prompt.options)]))
    _, _, told = sit(first, tmp_path, "closed_book", samples=9)
    assert "took the option" not in str(told)
    exam = Exam("own", (QUESTIONS[1],), ("closed_book",))
    library = library_of(documents(), QUESTIONS, characters=200, retrieved=2)
    events: list[Event] = []
    knows, settings = answers("Answer: A"), Evaluate(samples=30)
    answer_exams([exam], "base", knows, library, settings, tmp_path, events.append)
    assert "took the option" not in str(events)


def test_a_model_that_thinks_without_end_is_forced_or_counted(tmp_path: Path) -> None:
    endless = answers("", reasoning="Let me think", truncated=True, letter="")
    responses, counts, told = sit(endless, tmp_path, "closed_book")
    assert counts == {"responses": 3, "unparsed": 3, "truncated": 3, "forced": 3}
    assert not any(response.correct for response in responses)
    assert "3 answers name no option and count as wrong" in str(told)
    forced, counts, _ = sit(
        answers("", reasoning="Hm", truncated=True, letter="B"), tmp_path, "closed_book"
    )
    assert counts == {"responses": 3, "truncated": 3, "forced": 3}
    assert [response.chosen for response in forced] == [1, 1, 1]


def test_an_answer_in_another_language_is_parsed_or_counted(tmp_path: Path) -> None:
    german, counts, _ = sit(answers("Ich denke nach.\nAntwort: B"), tmp_path, "closed_book")
    assert [response.chosen for response in german] == [1, 1, 1]
    _, counts, _ = sit(answers("Ich weiß es nicht."), tmp_path, "closed_book")
    assert counts["unparsed"] == 3


def test_a_failed_request_is_a_response_that_says_so_and_can_be_retried(tmp_path: Path) -> None:
    broken = answers("", failed="500: the engine failed", retry=True)
    responses, counts, told = sit(broken, tmp_path, "closed_book")
    assert {(r.failed, r.correct, r.chosen) for r in responses} == {
        ("500: the engine failed", False, None)
    }
    assert (counts["failed"], counts["to_retry"]) == (3, 3)
    assert "3 questions got no answer and count as wrong: 500" in str(told)


def test_floors_and_controls(tmp_path: Path) -> None:
    examinee = ReadsWords(answering="letter")
    conditions: tuple[Condition, ...] = ("options_only", "wrong_title", "longest_option")
    responses, _, _ = sit(examinee, tmp_path, *conditions)
    assert "Ada" not in examinee.prompts[0]
    assert "A. Tol" in examinee.prompts[0]
    wrong = [text for text in examinee.prompts[3:] if "Bea Lom was born?" in text]
    assert len(wrong) == 1
    longest = [r for r in responses if r.condition == "longest_option"]
    assert [r.chosen for r in longest] == [0, 0, 0]
    assert len(longest) == len(QUESTIONS)


def test_short_answers_are_graded_by_their_words(tmp_path: Path) -> None:
    short = Question(document="Ada", question="Where was Ada born?", accepted=("Rin",))
    exam = Exam("own", (short,), ("closed_book", "options_only"))
    library = library_of(documents(), [short], characters=200, retrieved=2)
    for text, right in (("in Rin.", True), ("Tol", False), ("not Rin", False)):
        counts = answer_exams(
            [exam], "base", answers(text), library, Evaluate(), tmp_path, lambda _: None
        )
        (response,) = read_rows(tmp_path / "responses.jsonl", Response)
        assert (response.correct, response.expected) == (right, "Rin")
        assert counts["options only, not asked: it has no options"] == 1
