"""JSON lines that a person hands over, each as a strict record; mistakes have file:line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

import orjson
from pydantic import BaseModel, ValidationError

from closedbook.errors import InputError
from closedbook.hints import did_you_mean

Record = TypeVar("Record", bound=BaseModel)


def text_of(file: Path, hint: str = "name a JSONL file") -> str:
    """The text of a file. Raises InputError, with the hint where it cannot be read."""
    try:
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        number = error.object[: error.start].count(b"\n") + 1
        raise InputError(f"{file}:{number}: not UTF-8", hint="save it as UTF-8") from error
    except OSError as error:
        raise InputError(f"{file}: cannot be read: {error.strerror}", hint=hint) from error


def values(text: str, form: str) -> Iterator[tuple[int, Any]]:
    """The value of each line that is not empty, or what is wrong with it, with its number; `form`
    is the hint at what a line is."""
    # splitlines() would also cut at characters that JSON allows inside a string (U+2028).
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            try:
                yield number, orjson.loads(line)
            except orjson.JSONDecodeError as error:
                yield number, InputError(f"not JSON: {error.msg}", hint=form)


def read_lines(file: Path, kind: type[Record], form: str) -> Iterator[tuple[int, Record]]:
    """Each record with the number of its line; `form` shows what a line is. Raises InputError at
    the first line that is none."""
    hint = f"one line is {form}"
    for number, value in values(text_of(file), hint):
        place = f"{file}:{number}"
        if isinstance(value, InputError):
            raise placed(value, place)
        try:
            yield number, kind.model_validate(value)
        except ValidationError as error:
            raise problems(error, kind, place, hint)[0] from error


def placed(error: InputError, place: str) -> InputError:
    """With the place where it is."""
    return InputError(f"{place}: {error.message}", hint=error.hint)


def problems(
    error: ValidationError, kind: type[BaseModel], place: str, form: str
) -> list[InputError]:
    """What pydantic found, in the words of the file, a problem for each key."""
    found: dict[str, InputError] = {}
    for problem in error.errors():
        named = [str(part) for part in problem["loc"]]
        key = next((part for part in named if part in kind.model_fields), "".join(named[:1]))
        message, hint = f"{key!r}: {problem['msg'][0].lower()}{problem['msg'][1:]}", form
        if not key:
            message = "not an object"
        elif problem["type"] == "extra_forbidden":
            message, hint = f"unknown key {key!r}", did_you_mean(key, kind.model_fields)
        elif problem["type"] == "missing":
            message = f"no {key!r}"
        found.setdefault(key, InputError(f"{place}: {message}", hint=hint))
    return list(found.values())
