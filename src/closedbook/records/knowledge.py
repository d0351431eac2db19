"""What a teacher makes of a document: question/answer pairs and study texts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from closedbook.records.identity import content_id


@dataclass(frozen=True, slots=True)
class QAPair:
    """A question about one document with its answer; `reasoning` is the teacher's thinking, if
    kept; `evidence` is the sentence of the document the answer rests on, if the teacher quoted;
    `verdicts` are what judges chose, by column."""

    id: str
    document_id: str
    flow: str
    question: str
    answer: str
    reasoning: str = ""
    evidence: str = ""
    verdicts: Mapping[str, str] = field(default_factory=dict, hash=False)

    @classmethod
    def make(
        cls,
        *,
        document_id: str,
        flow: str,
        question: str,
        answer: str,
        reasoning: str = "",
        evidence: str = "",
        verdicts: Mapping[str, str] | None = None,
    ) -> QAPair:
        identity = content_id("pair", document_id, flow, question, answer, reasoning)
        judged = verdicts or {}
        return cls(identity, document_id, flow, question, answer, reasoning, evidence, judged)


@dataclass(frozen=True, slots=True)
class StudyText:
    """A text to learn as it is: a restatement, a summary, notes on one document."""

    id: str
    document_id: str
    flow: str
    title: str
    text: str

    @classmethod
    def make(cls, *, document_id: str, flow: str, title: str, text: str) -> StudyText:
        return cls(content_id("study", document_id, flow, text), document_id, flow, title, text)
