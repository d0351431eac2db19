"""What a reader hands over: the raw text of one document, or why there is none.

Knows no format. A `Draft` is as the file has it; cleaning is not the readers' work.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from closedbook.errors import RecordError

MAX_CHARACTERS = 5_000_000
"""The longest single document, about ten novels: beyond it a file is a dump of many texts."""

MAX_TEXT_BYTES = 4 * MAX_CHARACTERS
"""UTF-8 needs at most 4 bytes a character, so a larger text is too long whatever it says."""


class UnreadableError(RecordError):
    """A file, or one row of it, gives no document.

    `reason` is a short fixed phrase that can be counted; `row` is the 1-based row or line, None
    for the whole file; `raw` the beginning of what was there.
    """

    def __init__(
        self,
        reason: str,
        detail: str = "",
        *,
        hint: str = "",
        row: int | None = None,
        raw: str = "",
    ) -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason, hint=hint)
        self.reason = reason
        self.row = row
        self.raw = raw


@dataclass(frozen=True, slots=True)
class Draft:
    """The text of one document. `title` and `domain` are "" where the file gives none; `row` is
    its 1-based row or line in a file of several, None where the file is one document."""

    text: str
    title: str = ""
    row: int | None = None
    domain: str = ""


Reader = Callable[[Path], Iterator[Draft | UnreadableError]]
"""Yields drafts and unusable rows; raises UnreadableError or OSError for the whole file."""


def too_long(told: str, *, row: int | None = None) -> UnreadableError:
    """The refusal of a text of more than `MAX_CHARACTERS`."""
    hint = "split it into files by chapter or topic, or make it rows of a .jsonl file"
    return UnreadableError("too large", told, hint=hint, row=row)


def read_bounded(path: Path) -> bytes:
    """The bytes of a text file, unless its size alone says that it is too long."""
    size = path.stat().st_size
    if size > MAX_TEXT_BYTES:
        most = f"one document may have {MAX_CHARACTERS:,} characters"
        raise too_long(f"{size / 1e6:,.0f} MB, and {most}")
    return path.read_bytes()
