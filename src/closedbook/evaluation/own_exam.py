"""The project's own exam: questions read strictly from a file that people write, JSONL or CSV.

Knows the file's form, not who answers. Invariant: every question that leaves here has two to as
many different options as there are letters, one of which is the answer, or at least one text that
is right, and is asked once.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt, StrictStr, ValidationError

from closedbook.errors import InputError
from closedbook.evaluation.lines import placed, problems, text_of, values
from closedbook.records import Question, Split, plain
from closedbook.students import LETTERS

FORM = '{"document": "...", "question": "...", "options": ["...", "..."], "answer": 0}'
COLUMNS = "question, answer, and the options as A, B, C, ... (a short answer has none)"
SEPARATORS = {";": "semicolons", "\t": "tabs"}
_Text = Annotated[StrictStr, Field(min_length=1)]


class _Line(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    question: _Text
    options: (
        Annotated[list[_Text], Field(min_length=2, max_length=len(LETTERS))]
        | Annotated[list[_Text], Field(max_length=0)]
    ) = []
    answer: StrictInt | StrictStr = -1
    accepted: list[_Text] = []
    document: StrictStr = ""
    evidence: StrictStr = ""
    about: StrictStr = ""
    hard: StrictBool | None = None
    split: Split | None = None
    id: StrictStr = ""
    exam: StrictStr = ""
    before: list[_Text] = []
    thinking: StrictBool | None = None


def _is_table(path: Path) -> bool:
    return path.suffix.lower() == ".csv"


def _form(table: bool) -> str:
    """What a line of an exam holds."""
    return f"columns: {COLUMNS}" if table else f"one line is {FORM}"


def load_exam(path: Path, *, general: bool = False) -> list[Question]:
    """The questions of a JSONL or CSV file, in order.

    A line is `FORM`: `answer` is the 0-based place of the right option or its text (in CSV its text
    or letter); without options it is the right text, or `accepted` lists several. `document` (the
    title of the document the question is about), `evidence` (a sentence of it), `hard` and `split`
    may be missing. A `general` question may say `before` (the turns before it, a user's first) and
    `thinking` (true or false), and with that leave out the answer. An `id` is kept. Raises
    InputError with file:line for the first line that is not of this form, and if there is no
    question at all.
    """
    questions: list[Question] = []
    for found in _read(path, general=general):
        if isinstance(found, InputError):
            raise found
        questions.append(found)
    if not questions:
        raise _empty(path)
    return questions


def exam_problems(path: Path, *, general: bool = False) -> list[InputError]:
    """All that `load_exam` could raise."""
    try:
        found = list(_read(path, general=general)) or [_empty(path)]
    except InputError as error:
        return [error]
    return [item for item in found if isinstance(item, InputError)]


def _empty(path: Path) -> InputError:
    return InputError(f"{path}: no questions in it", hint=_form(_is_table(path)))


def _read(path: Path, *, general: bool) -> Iterator[Question | InputError]:
    """Every line as a question, or what is wrong with it. Raises where the file is no table."""
    if not path.exists():
        hint = "correct `exam` in closedbook.yaml"
        raise InputError(f"{path}: there is no such exam", hint=hint)
    asked: dict[tuple[object, ...], int] = {}
    ids: dict[str, int] = {}
    text, table = text_of(path), _is_table(path)
    for number, value in _rows(text, path) if table else values(text, _form(table)):
        place = f"{path}:{number}"
        try:
            if isinstance(value, InputError):
                raise value
            line = _Line.model_validate(_as_object(value) if table else value)
            question = _question(line, table, general=general)
            special = (question.thinking, *question.before)
            key = (plain(question.document), plain(question.question), *special)
            _first_time(asked, key, number, "the question")
            _first_time(ids, question.id, number, f"the id {question.id!r}")
        except ValidationError as error:
            yield from problems(error, _Line, place, _form(table))
        except InputError as error:
            yield placed(error, place)
        else:
            yield question


def _first_time(seen: dict[Any, int], key: object, number: int, what: str) -> None:
    if key in seen:
        raise InputError(f"{what} of line {seen[key]} again", hint="remove one of the two")
    seen[key] = number


def _rows(text: str, path: Path) -> Iterator[tuple[int, Any]]:
    """The rows of a table, or what is wrong with them, with the numbers of their last lines."""
    rows = csv.DictReader(io.StringIO(text, newline=""))
    try:
        rows.fieldnames = names = [(name or "").strip() for name in rows.fieldnames or ()]
        _check_header(names, path)
        for row in rows:
            yield rows.line_num, row
    except csv.Error as error:
        told = InputError(f"not CSV: {error}", hint="is a quote open that should be closed?")
        yield rows.line_num + 1, told


def _check_header(names: Sequence[str], path: Path) -> None:
    if not {"question", "answer"} <= {name.lower() for name in names}:
        told = [word for mark, word in SEPARATORS.items() if len(names) == 1 and mark in names[0]]
        if told:
            raise InputError(f"{path}:1: cells are parted by {told[0]}", hint="save it with commas")
        raise InputError(f"{path}:1: no question and answer in the header", hint=COLUMNS)
    known = _Line.model_fields.keys() - {"options"}
    for name in names:
        if name and name.lower() not in known and not _is_letter(name):
            raise InputError(f"{path}:1: unknown column {name!r}", hint=f"columns: {COLUMNS}")


def _is_letter(name: str) -> bool:
    return len(name) == 1 and name.upper() in LETTERS


def _as_object(row: Mapping[str, str]) -> dict[str, Any]:
    """A row as the object of a JSON line."""
    if None in row or None in row.values():
        raise InputError("not as many cells as the header", hint=COLUMNS)
    letters = [name for name in row if _is_letter(name)]
    options = [row[name].strip() for name in letters]
    while options and not options[-1]:
        options.pop()
    others = {name.lower(): cell.strip() for name, cell in row.items() if name not in letters}
    found: dict[str, Any] = {name: cell for name, cell in others.items() if cell}
    if options:
        found["options"] = options
        named = [name.upper() for name in letters[: len(options)]]
        answer = str(found.get("answer", ""))
        if answer not in options and answer.upper() in named:
            found["answer"] = named.index(answer.upper())
    if "hard" in found:
        known = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}
        if found["hard"].lower() not in known:
            raise InputError(f"hard is {found['hard']!r}", hint="write yes or no")
        found["hard"] = known[found["hard"].lower()]
    return found


def _question(line: _Line, table: bool, *, general: bool) -> Question:
    if (line.before or line.thinking is not None) and (line.options or not general):
        hint = "put it into regression.jsonl, without options"
        told = "before and thinking are for general questions with a short answer"
        raise InputError(told, hint=hint)
    if len(line.before) % 2:
        raise InputError("before ends with a user's turn", hint="add the reply to it")
    return Question(
        id=line.id,
        document=line.document,
        question=line.question,
        options=tuple(line.options),
        answer=_answer(line, table) if line.options else -1,
        evidence=line.evidence,
        accepted=() if line.options else _accepted(line, table),
        about=line.about,
        hard=line.hard,
        split=line.split or "sealed",
        before=tuple(line.before),
        thinking=line.thinking,
    )


def _accepted(line: _Line, table: bool) -> tuple[str, ...]:
    """The texts that are right; none where only the thinking is asked for."""
    told = line.accepted or (line.thinking is not None and "answer" not in line.model_fields_set)
    if told:
        return tuple(line.accepted)
    if not isinstance(line.answer, str) or not line.answer:
        raise InputError(
            "neither options nor an answer in words",
            hint=f"{_form(table)}; a short answer has no options and a text, in quotes, as answer",
        )
    return (line.answer,)


def _answer(line: _Line, table: bool) -> int:
    """The place of the right option, where all options differ."""
    seen: set[str] = set()
    for option in line.options:
        if plain(option) in seen:
            raise InputError(f"the option {option!r} twice", hint="options must differ")
        seen.add(plain(option))
    if "answer" not in line.model_fields_set:
        raise InputError("no 'answer'", hint=_form(table))
    if isinstance(line.answer, str):
        if line.answer not in line.options:
            other = "the letter of its column" if table else "its place counted from 0"
            raise InputError(
                f"the answer {line.answer!r} is none of the options",
                hint=f"write the option exactly, or {other}",
            )
        return line.options.index(line.answer)
    if not 0 <= line.answer < len(line.options):
        raise InputError(
            f"answer {line.answer} with {len(line.options)} options",
            hint=f"places are counted from 0: 0 to {len(line.options) - 1}",
        )
    return line.answer
