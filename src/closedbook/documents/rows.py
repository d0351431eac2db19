"""JSON lines: one document per line.

A line that is no document is reported by its number and the rest of the file goes on. Lines are
read one at a time, so the size of the file does not matter.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import BinaryIO

import orjson

from closedbook.documents.drafts import MAX_CHARACTERS, Draft, UnreadableError
from closedbook.documents.plain import marked_encoding

TEXT_COLUMNS = ("text", "document", "content", "article")
TITLE_COLUMNS = ("title", "document_outline")
"""The columns a row's text and title are looked for in, the first usable one wins."""

DOMAIN_COLUMNS = ("domain",)

_LONGEST_LINE = 12 * MAX_CHARACTERS
"""Bytes: JSON may write a character as two escapes of six."""

_RAW = 500


def draft_of_row(row: Mapping[str, object], number: int) -> Draft | UnreadableError:
    """The document in one row, whatever file it came from."""
    text = next((row[name] for name in TEXT_COLUMNS if _has_words(row.get(name))), None)
    if text is None:
        columns = ", ".join(str(name) for name in row) or "none"
        return UnreadableError(
            "no text",
            f"its columns are: {columns[:_RAW]}",
            hint=f"put the text into one of {', '.join(TEXT_COLUMNS)}",
            row=number,
        )
    title, domain = (
        str(next((row[name] for name in names if _has_words(row.get(name))), ""))
        for names in (TITLE_COLUMNS, DOMAIN_COLUMNS)
    )
    return Draft(str(text), title, number, domain)


def _has_words(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def read_jsonl(path: Path) -> Iterator[Draft | UnreadableError]:
    """A document for every line that holds an object with a text."""
    with path.open("rb") as file:
        _check_beginning(file)
        for number, line in _lines(file):
            if isinstance(line, UnreadableError):
                yield line
            elif line.strip():
                yield _draft_of_line(line, number)


def _check_beginning(file: BinaryIO) -> None:
    """Refuse what would otherwise be refused line by line; leave the file after a UTF-8 mark."""
    beginning = file.read(64)
    if marked_encoding(beginning) not in ("", "utf-8-sig"):
        raise UnreadableError("not UTF-8", "UTF-16 or UTF-32", hint="save it as UTF-8")
    marked = beginning.startswith(codecs.BOM_UTF8)
    if beginning.removeprefix(codecs.BOM_UTF8).lstrip().startswith(b"["):
        raise UnreadableError(
            "broken file",
            "one JSON array, not one JSON object per line",
            hint="convert it: jq -c '.[]' FILE > NEW-FILE",
        )
    file.seek(len(codecs.BOM_UTF8) if marked else 0)


def _lines(file: BinaryIO) -> Iterator[tuple[int, bytes | UnreadableError]]:
    """Lines with their 1-based numbers; one too long for memory is skipped."""
    number = 0
    while line := file.readline(_LONGEST_LINE):
        number += 1
        if len(line) < _LONGEST_LINE or line.endswith(b"\n"):
            yield number, line
            continue
        while (rest := file.readline(_LONGEST_LINE)) and not rest.endswith(b"\n"):
            pass
        yield (
            number,
            UnreadableError(
                "too large",
                f"line {number} has more than {_LONGEST_LINE / 1e6:,.0f} MB",
                hint="one JSON object per line, each with one document",
                row=number,
            ),
        )


def _draft_of_line(line: bytes, number: int) -> Draft | UnreadableError:
    try:
        row = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        return _broken_line(line, number, f"column {error.colno}, {error.msg}")
    if not isinstance(row, dict):
        return _broken_line(line, number, "no JSON object")
    return draft_of_row(row, number)


def _broken_line(line: bytes, number: int, problem: str) -> UnreadableError:
    return UnreadableError(
        "broken row",
        f"line {number}: {problem}",
        hint="every line is one JSON object in UTF-8",
        row=number,
        raw=line[:_RAW].decode("utf-8", "backslashreplace"),
    )
