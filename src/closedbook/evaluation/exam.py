"""Exams: multiple-choice questions read strictly from a file that people write.

Knows the file's form, not who answers. Invariant: every question that leaves here has at least two
different options, one of which is the answer, and is asked once.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Annotated, Any, Self

import orjson
from pydantic import BaseModel, ConfigDict, Field, StrictInt, StrictStr, ValidationError

from closedbook.errors import InputError
from closedbook.events import Counts, Emit, Notice
from closedbook.records import Condition, Question
from closedbook.store import read_rows, write_rows

FORM = '{"document": "...", "question": "...", "options": ["...", "..."], "answer": 0}'


@dataclass(frozen=True, slots=True)
class Exam:
    """Questions under a name, and the conditions under which they are asked."""

    name: str
    questions: tuple[Question, ...]
    conditions: tuple[Condition, ...]

    @classmethod
    def stored(
        cls, name: str, file: Path, conditions: tuple[Condition, ...], limit: int | None = None
    ) -> Self:
        """The first `limit` (all, if None) of the Question records in `file`."""
        return cls(name, tuple(islice(read_rows(file, Question), limit)), conditions)


def in_words(condition: Condition) -> str:
    """A condition as people write it."""
    return "RAG" if condition == "rag" else condition.replace("_", " ")


class _Line(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    question: Annotated[StrictStr, Field(min_length=1)]
    options: Annotated[list[Annotated[StrictStr, Field(min_length=1)]], Field(min_length=2)]
    answer: StrictInt | StrictStr
    document: StrictStr = ""
    evidence: StrictStr = ""
    id: StrictStr = ""


def load_exam(path: Path) -> list[Question]:
    """The questions of a JSONL file, in order.

    A line is `FORM`: `answer` is the 0-based place of the right option or its text, `document`
    (the title of the document the question is about) and `evidence` (a sentence of it) may be
    missing. Raises InputError with
    file:line for the first line that is not of this form, and if there is no question at all.
    """
    questions: list[Question] = []
    asked: dict[tuple[str, str], int] = {}
    for number, content in _lines(path):
        place = f"{path}:{number}"
        question = _question(content, place)
        key = (_plain(question.document), _plain(question.question))
        if key in asked:
            raise InputError(
                f"{place}: the question of line {asked[key]} again", hint="remove one of the two"
            )
        asked[key] = number
        questions.append(question)
    if not questions:
        raise InputError(f"{path}: no questions in it", hint=f"one per line: {FORM}")
    return questions


def copy_exam(path: Path, out: Path, emit: Emit) -> Counts:
    """Write the questions of a person's exam to `out/exam.jsonl`, as Question records.

    Raises InputError as `load_exam` does.
    """
    questions = load_exam(path)
    documents = {question.document for question in questions} - {""}
    nowhere = sum(not question.document for question in questions)
    if nowhere:
        emit(Notice("exam", f"{nowhere} questions name no document: each counts as its own"))
    written = write_rows(out / "exam.jsonl", questions)
    return {"questions": written, "documents": len(documents)}


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise InputError(
            f"{path}: there is no such exam", hint="correct `exam` in closedbook.yaml"
        ) from error
    except UnicodeDecodeError as error:
        number = error.object[: error.start].count(b"\n") + 1
        raise InputError(f"{path}:{number}: not UTF-8", hint="save the exam as UTF-8") from error
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from error
    # splitlines() would also cut at characters that JSON allows inside a string (U+2028).
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            yield number, line


def _question(content: str, place: str) -> Question:
    try:
        line = _Line.model_validate(orjson.loads(content))
    except orjson.JSONDecodeError as error:
        raise InputError(f"{place}: not JSON: {error.msg}", hint=f"one line is {FORM}") from error
    except ValidationError as error:
        raise _problem(error.errors()[0], place) from error
    seen: dict[str, str] = {}
    for option in line.options:
        if _plain(option) in seen:
            raise InputError(f"{place}: the option {option!r} twice", hint="options must differ")
        seen[_plain(option)] = option
    return Question.make(
        document=line.document,
        question=line.question,
        options=tuple(line.options),
        answer=_answer(line, place),
        evidence=line.evidence,
    )


def _answer(line: _Line, place: str) -> int:
    if isinstance(line.answer, str):
        if line.answer not in line.options:
            raise InputError(
                f"{place}: the answer {line.answer!r} is none of the options",
                hint="write the option exactly, or its place counted from 0",
            )
        return line.options.index(line.answer)
    if not 0 <= line.answer < len(line.options):
        raise InputError(
            f"{place}: answer {line.answer} with {len(line.options)} options",
            hint=f"places are counted from 0: 0 to {len(line.options) - 1}",
        )
    return line.answer


def _problem(error: Any, place: str) -> InputError:
    """The first thing pydantic found, in the words of the file."""
    where = [str(part) for part in error["loc"] if part not in {"int", "str"}]
    key = where[0] if where else ""
    if not where:
        return InputError(f"{place}: not an object", hint=f"one line is {FORM}")
    if error["type"] == "extra_forbidden":
        close = difflib.get_close_matches(key, _Line.model_fields, n=1)
        hint = (
            f"did you mean {close[0]!r}?" if close else "keys are " + ", ".join(_Line.model_fields)
        )
        return InputError(f"{place}: unknown key {key!r}", hint=hint)
    if error["type"] == "missing":
        return InputError(f"{place}: no {key!r}", hint=f"one line is {FORM}")
    message = str(error["msg"])
    return InputError(
        f"{place}: {key!r}: {message[0].lower()}{message[1:]}", hint=f"one line is {FORM}"
    )


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()
