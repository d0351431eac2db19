"""What is found for each question is left on disk once, for all arms, and counted."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from closedbook import Project
from closedbook.config import Evaluate
from closedbook.documents.splitting import parts_of
from closedbook.errors import ConfigError
from closedbook.evaluation.asking import Ask, Prompt, Said
from closedbook.evaluation.cells import read_cells
from closedbook.evaluation.grading import grade
from closedbook.evaluation.retrieving import Searcher, open_library, retrieve
from closedbook.events import Event
from closedbook.records import Document, Passage, Question
from closedbook.simulator import Simulator
from closedbook.store import read_rows, write_rows

TEXTS = {
    "Ada": "Ada Lom was born in Rin.\n\n" + "She liked tea. " * 20 + "\n\nAda Lom died in\nTol.",
    "Bea": "Bea Vas founded the Quill Works. " + "It made pens. " * 20,
    "Dot": "Dot Hill is a hill. " * 20,
}
QUESTIONS = (
    Question(
        document="Ada", question="Where did Ada Lom die?", options=("Tol", "Rin"), answer=0,
        evidence="Ada Lom died in Tol.",
    ),
    Question(document="Bea", question="Who made pens?", options=("Bea", "Ada"), answer=0),
    Question(document="Cid", question="Zzz?", options=("a", "b"), answer=0),
)  # fmt: skip


@pytest.fixture
def found(tmp_path: Path) -> tuple[Path, Path, dict[str, int | float], list[Event]]:
    documents, exam = tmp_path / "documents.jsonl", tmp_path / "exam.jsonl"
    made = [Document.make(title=title, text=text, source=title) for title, text in TEXTS.items()]
    write_rows(documents, made)
    write_rows(exam, QUESTIONS)
    told: list[Event] = []
    settings = Evaluate(passage_characters=200, retrieved=2)
    counts = retrieve(documents, exam, Searcher(settings), tmp_path / "out", told.append)
    return documents, tmp_path / "out", dict(counts), told


def test_counts_say_what_was_found_and_what_cannot_be(
    found: tuple[Path, Path, dict[str, int | float], list[Event]],
) -> None:
    _, _, counts, told = found
    assert (counts["questions"], counts["documents_missing"]) == (3, 1)
    assert (counts["naming_a_document"], counts["document_in_read"]) == (3, 2)
    assert (counts["quoting_evidence"], counts["evidence_in_read"]) == (1, 1)
    assert "'Cid'; their 1 questions cannot be asked open book" in str(told)


def test_a_passage_of_a_part_is_one_of_its_document(tmp_path: Path) -> None:
    documents, exam = tmp_path / "documents.jsonl", tmp_path / "exam.jsonl"
    whole = Document.make(title="Ada", text=TEXTS["Ada"], source="Ada")
    parts = list(parts_of(whole, 60))
    assert len(parts) > 1
    write_rows(documents, parts)
    write_rows(exam, QUESTIONS[:1])
    settings = Evaluate(passage_characters=100, retrieved=2)
    counts = retrieve(documents, exam, Searcher(settings), tmp_path / "out", lambda _: None)
    assert counts["document_in_read"] == 1
    library = open_library(documents, tmp_path / "out", settings)
    prompt = library.prompt(QUESTIONS[0], "rag", "turn", lambda *_: "")
    assert isinstance(prompt, Prompt)
    ask = Ask(0, "own", "rag", prompt)
    response = grade(ask, Said(scores=(-1.0, -2.0)), "base")
    assert "Ada" not in [passage.title for passage in response.retrieved]
    write_rows(tmp_path / "responses.jsonl", [response])
    (answers,) = read_cells({"base": tmp_path / "responses.jsonl"}).values()
    assert [item.right_document for item in answers.values()] == [True]


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


@pytest.fixture
def served() -> Iterator[str]:
    """The simulator's address, on a thread of its own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    simulator = Simulator()
    asyncio.run_coroutine_threadsafe(simulator.__aenter__(), loop).result(10)
    try:
        yield simulator.url
    finally:
        asyncio.run_coroutine_threadsafe(simulator.__aexit__(None, None, None), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


def test_a_project_retrieves_by_both_and_reranks(small_project: Path, served: str) -> None:
    pytest.importorskip("lancedb")
    embedding = f"{{kind: endpoint, base_url: '{served}', model: e}}"
    rerank = f"{{base_url: '{served}', model: r}}"
    overrides = [
        f"evaluate.retrieval={{embedding: {embedding}, rerank: {rerank}, candidates: 3}}",
        "evaluate.passage_characters=60",
    ]
    project = Project.open(small_project, overrides)
    counts = project.run("retrieve").manifests["retrieve"].counts
    assert counts["questions"] == 4
    assert counts["document_in_candidates"] >= counts["document_in_read"] >= 3
    assert project.plan("retrieve") == ()
    cheaper = [*overrides, "evaluate.retrieval.embedding.concurrency=1"]
    assert Project.open(small_project, cheaper).plan("retrieve") == ()
    assert Project.open(small_project, [*overrides, "evaluate.retrieved=1"]).plan("retrieve")


def test_passages_are_cut_blindly_or_by_tokens_too(small_project: Path) -> None:
    def cut(*settings: str) -> list[Passage]:
        overrides = [f"evaluate.{setting}" for setting in settings]
        Project.open(small_project, overrides).run("retrieve")
        return list(read_rows(small_project / "out" / "retrieve" / "passages.jsonl", Passage))

    blind = cut("retrieval.chunks=characters", "passage_characters=50")
    assert {len(passage.text) for passage in blind[:-1]} >= {50}
    assert [passage.start for passage in blind if passage.title == "Heron"] == [0, 50, 100]
    by_tokens = cut("retrieval.passage_tokens=12")
    assert 3 < len(by_tokens) < len(cut("retrieval.passage_tokens=6"))


def test_a_search_by_vectors_without_a_model_says_what_to_do(small_project: Path) -> None:
    with pytest.raises(ConfigError, match="a search by vectors needs embeddings"):
        Project.open(small_project, ["evaluate.retrieval.search=vectors"])
