"""What a teacher makes of a document: question/answer pairs and study texts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from closedbook.records.identity import identify


@dataclass(frozen=True, slots=True, kw_only=True)
class QAPair:
    """A question about one document with its answer; `reasoning` is the teacher's thinking, if
    kept; `evidence` is the sentence of the document the answer rests on, if the teacher quoted;
    `verdicts` are what judges chose, by column."""

    id: str = ""
    document_id: str
    flow: str
    question: str
    answer: str
    reasoning: str = ""
    evidence: str = ""
    verdicts: Mapping[str, str] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        asked = (self.document_id, self.flow, self.question, self.answer, self.reasoning)
        identify(self, "pair", *asked)


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyText:
    """A text to learn as it is: a restatement, a summary, notes on one document."""

    id: str = ""
    document_id: str
    flow: str
    title: str
    text: str

    def __post_init__(self) -> None:
        identify(self, "study", self.document_id, self.flow, self.text)
