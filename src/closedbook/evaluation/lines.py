"""JSON lines that a person hands over, each as a strict record; mistakes have file:line."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from closedbook.errors import InputError

Record = TypeVar("Record", bound=BaseModel)


def read_lines(file: Path, kind: type[Record], form: str) -> Iterator[tuple[int, Record]]:
    """Each record with the number of its line; `form` shows what a line is. Raises InputError at
    the first line that is none."""
    try:
        lines = file.read_bytes().removeprefix(codecs.BOM_UTF8).splitlines()
    except OSError as error:
        told = f"{file}: cannot be read: {error.strerror}"
        raise InputError(told, hint="name a JSONL file") from error
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                yield number, kind.model_validate_json(line)
            except ValidationError as error:
                found = error.errors()[0]
                told = ": ".join(map(str, (f"{file}:{number}", *found["loc"][:1], found["msg"])))
                raise InputError(told, hint=f"one line is {form}") from error
