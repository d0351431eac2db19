"""What is found for each question of the exams, once for all arms.

Knows exams and how to search, not who reads what is found. Leaves the passages and, per question,
their ids, the best first. Invariant: every question has a row, though nothing may have been found.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from closedbook.config import Evaluate, Retrieval
from closedbook.errors import UserError
from closedbook.evaluation.conditions import Library, holds, whole_documents
from closedbook.evaluation.exam import missing_documents
from closedbook.events import Counts, Emit, Notice
from closedbook.records import Document, Passage, Question
from closedbook.retrieval import LexicalIndex, blind_passages, passages, passages_by_tokens
from closedbook.retrieval.embedders import Embedder
from closedbook.retrieval.hybrid import HybridIndex
from closedbook.retrieval.reranking import Query, Reranker
from closedbook.store import read_rows, write_rows

PASSAGES = "passages.jsonl"
FOUND = "found.jsonl"
STAGE = "retrieve"
Ranked = Sequence[Sequence[Passage]]


@dataclass(frozen=True, slots=True)
class Found:
    """Ids of the passages found for a question, the best first."""

    question_id: str
    passages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Searcher:
    """How passages are cut and found: the settings, and what they need. `tokenizer` is a
    `tokenizers.Tokenizer` where passages are measured in tokens."""

    settings: Evaluate
    embedder: Embedder | None = None
    reranker: Reranker | None = None
    tokenizer: Any = None

    @property
    def how(self) -> Retrieval:
        return self.settings.retrieval

    def cut(self, documents: Iterable[Document]) -> list[Passage]:
        """The passages of all documents, in order."""
        return [passage for document in documents for passage in self._cut_one(document)]

    def _cut_one(self, document: Document) -> list[Passage]:
        characters = self.settings.passage_characters
        if self.how.passage_tokens:
            return passages_by_tokens(document, self.how.passage_tokens, self.tokenizer)
        if self.how.chunks == "characters":
            return blind_passages(document, characters)
        return passages(document, characters)

    def candidates(self, cut: Sequence[Passage], questions: Sequence[Question]) -> Ranked:
        """For each question what the search finds, the best first."""
        limit = self.how.candidates if self.reranker else self.settings.retrieved
        queries = [self.query(question) for question in questions]
        embedding = self.how.embedding
        if self.embedder is None or embedding is None:
            with LexicalIndex(cut) as index:
                return [index.search(query, limit) for query in queries]
        if not cut or not questions:
            return [[] for _ in questions]
        told = [
            (item.title, f"{embedding.passage_prefix}{item.title}\n{item.text}") for item in cut
        ]
        asked = [
            (question.document, f"{embedding.query_prefix}{query}")
            for question, query in zip(questions, queries, strict=True)
        ]
        vectors = self.embedder.embed(told, "passages")
        wanted = self.embedder.embed(asked, "questions")
        if vectors.shape[1] != wanted.shape[1]:
            raise UserError("passages and questions got vectors of different lengths")
        return HybridIndex(cut, vectors).search(queries, wanted, limit, self.how.how)

    def best(self, candidates: Ranked, questions: Sequence[Question]) -> Ranked:
        """What of it is read: the first, or those that the reranker puts first."""
        if self.reranker is None:
            return [found[: self.settings.retrieved] for found in candidates]
        queries = [
            Query(self.query(question), question.document, found)
            for question, found in zip(questions, candidates, strict=True)
        ]
        return self.reranker.rerank(queries, "rerank")

    def query(self, question: Question) -> str:
        """What is searched for a question."""
        if self.how.query == "question":
            return question.question
        return "\n".join((question.question, *question.options))


def retrieve(documents: Path, exam: Path, searcher: Searcher, out: Path, emit: Emit) -> Counts:
    """Write passages.jsonl and found.jsonl into `out`. Counts say how often the right document and
    the evidence were among the candidates and among what is read."""
    read = list(read_rows(documents, Document))
    cut = searcher.cut(read)
    questions = list(read_rows(exam, Question))
    candidates = searcher.candidates(cut, questions)
    best = searcher.best(candidates, questions)
    write_rows(out / PASSAGES, cut)
    rows = [
        Found(question.id, tuple(passage.id for passage in found))
        for question, found in zip(questions, best, strict=True)
    ]
    counts = {"passages": len(cut), "questions": write_rows(out / FOUND, rows)}
    known = {document.title for document in read} | {document.part_of for document in read}
    if told := missing_documents(questions, known):
        counts["documents_missing"] = len({item.document for item in questions} - known - {""})
        emit(Notice(STAGE, told))
    counts |= _recall(questions, best, "read")
    if searcher.reranker:
        counts |= _recall(questions, candidates, "candidates") | _failures(searcher.reranker, emit)
    return counts


def read_found(folder: Path) -> dict[str, list[Passage]]:
    """The passages found for each question, by its id."""
    known = {passage.id: passage for passage in read_rows(folder / PASSAGES, Passage)}
    return {
        row.question_id: [known[identity] for identity in row.passages]
        for row in read_rows(folder / FOUND, Found)
    }


def open_library(documents: Path, folder: Path, settings: Evaluate) -> Library:
    """The documents, and what `retrieve` left in its folder."""
    whole = whole_documents(read_rows(documents, Document))
    how = settings.retrieval
    return Library(whole, read_found(folder), settings.retrieved, how.order, how.titled)


def _recall(
    questions: Sequence[Question], ranked: Ranked, where: Literal["read", "candidates"]
) -> dict[str, int]:
    """Of the questions that name a document or quote evidence, for how many it was found."""
    pairs = list(zip(questions, ranked, strict=True))
    naming = [(item, found) for item, found in pairs if item.document]
    quoting = [(item, found) for item, found in pairs if item.evidence]
    counts = {
        "naming_a_document": len(naming),
        f"document_in_{where}": sum(
            any(passage.is_of(item.document) for passage in found) for item, found in naming
        ),
    }
    if quoting:
        counts["quoting_evidence"] = len(quoting)
        counts[f"evidence_in_{where}"] = sum(
            any(holds(passage.text, item.evidence) for passage in found) for item, found in quoting
        )
    return counts


def _failures(reranker: Reranker, emit: Emit) -> dict[str, int]:
    if not reranker.failed:
        return {}
    reasons = "; ".join(sorted(reranker.reasons)[:3])
    emit(Notice(STAGE, f"{reranker.failed} questions kept the search's order: {reasons}"))
    return {"rerank_failed": reranker.failed, "to_retry": reranker.to_retry}
