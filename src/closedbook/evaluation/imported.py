"""Answers of a system the user already has, from a file, as an examinee.

Knows the file's form. Invariant: a line that answers no question of the exams is counted, and a
question without a line gets a response that says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, ClassVar, Self

from pydantic import BaseModel, ConfigDict, Field, StrictInt, StrictStr

from closedbook.errors import InputError
from closedbook.evaluation.asking import Answering, Ask, Said
from closedbook.evaluation.lines import read_lines
from closedbook.records import Condition, Message, Question, plain
from closedbook.students import LETTERS

FORM = '{"question": "...", "document": "...", "condition": "rag", "text": "Answer: B"}'
NOTHING = "no answer in the file"
Key = tuple[str, Condition | None, int]


class _Line(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    id: StrictStr = ""
    question: StrictStr = ""
    document: StrictStr = ""
    condition: Condition | None = None
    text: StrictStr | None = None
    answer: StrictInt | StrictStr | None = None
    reasoning: StrictStr = ""
    sample: Annotated[StrictInt, Field(ge=0)] = 0


@dataclass(slots=True)
class ImportedExaminee:
    """Answers by question (its id, or document and wording), condition and sample."""

    answers: dict[Key, _Line]
    used: set[Key] = field(default_factory=set)
    answering: ClassVar[Answering] = "generate"

    @classmethod
    def load(cls, file: Path) -> Self:
        """Raises InputError with file:line for the first line that is not of the form."""
        answers: dict[Key, _Line] = {}
        for number, line in read_lines(file, _Line, FORM):
            _check(line, f"{file}:{number}")
            name = line.id or _wording(line.document, line.question)
            key = (name, line.condition, line.sample)
            if key in answers:
                raise InputError(f"{file}:{number}: answered before", hint="remove one")
            answers[key] = line
        return cls(answers)

    @property
    def unused(self) -> int:
        """Lines that answered no question that was asked."""
        return len(self.answers) - len(self.used)

    def refusal(self, _prompt: Sequence[Message], _options: Sequence[str]) -> str:
        """Nothing is too long for what was answered already."""
        return ""

    def answer(self, asks: Iterator[Ask], take: Callable[[Ask, Said], None]) -> None:
        for ask in asks:
            take(ask, self._said(ask))

    def _said(self, ask: Ask) -> Said:
        question = ask.prompt.question
        if ask.permutation:
            return Said(failed="imported answers are in one order of the options")
        names = (
            question.id,
            _wording(question.document, question.question),
            _wording("", question.question),
        )
        for condition in (ask.condition, None):
            for name in names:
                key = (name, condition, ask.sample)
                if key in self.answers:
                    self.used.add(key)
                    line = self.answers[key]
                    return Said(_text(line, question), reasoning=line.reasoning)
        return Said(failed=NOTHING)


def _check(line: _Line, place: str) -> None:
    if not (line.id or line.question) or (line.text is None and line.answer is None):
        raise InputError(
            f"{place}: it needs id or question, and text or answer", hint=f"one line is {FORM}"
        )


def _text(line: _Line, question: Question) -> str:
    """What is graded: the text, or the option that `answer` names by place, letter or wording."""
    if line.text is not None:
        return line.text
    if isinstance(line.answer, int):
        known = 0 <= line.answer < len(question.options)
        return LETTERS[line.answer] if known else f"option {line.answer}"
    return line.answer or ""


def _wording(document: str, question: str) -> str:
    return "\n".join(map(plain, (document, question)))
