"""Exam questions and the answers given to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from closedbook.records.identity import content_id

Condition = Literal["closed_book", "rag", "open_book"]


@dataclass(frozen=True, slots=True)
class Question:
    """A multiple-choice question. `answer` is the 0-based index of the right option; `document`
    is the title of the document it is about ("" if none), the cluster of the statistics;
    `evidence` is the sentence that makes the answer right ("" if nobody quoted it). The id is of
    what is asked, so evidence does not change it."""

    id: str
    document: str
    question: str
    options: tuple[str, ...]
    answer: int
    evidence: str = ""

    @classmethod
    def make(
        cls,
        *,
        document: str,
        question: str,
        options: tuple[str, ...],
        answer: int,
        evidence: str = "",
    ) -> Question:
        identity = content_id("question", document, question, list(options), answer)
        return cls(identity, document, question, options, answer, evidence)


@dataclass(frozen=True, slots=True)
class ShortQuestion:
    """A question that a few words answer; `document` and `evidence` as in Question."""

    id: str
    document: str
    question: str
    answer: str
    evidence: str

    @classmethod
    def make(cls, *, document: str, question: str, answer: str, evidence: str) -> ShortQuestion:
        identity = content_id("short-question", document, question, answer)
        return cls(identity, document, question, answer, evidence)


@dataclass(frozen=True, slots=True)
class Response:
    """One arm's answer to one question under one condition.

    `scores` holds the log-likelihood (nats) of each option as the whole answer, in order;
    `chosen` is the index of the best; `text` is the free answer generated for people to read;
    `retrieved` lists the titles of the passages that were in the prompt.
    """

    exam: str
    arm: str
    condition: Condition
    question_id: str
    document: str
    question: str
    options: tuple[str, ...]
    answer: int
    scores: tuple[float, ...]
    chosen: int
    correct: bool
    text: str
    retrieved: tuple[str, ...] = ()
