"""The stage `documents`: a folder of files in, clean documents and rejections out.

Knows no format. Every file, and every row of a file of rows, ends as a Document or as a Rejection
with its reason; the same folder gives the same bytes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from closedbook.documents.cleaning import clean_text, clean_title, readable_name
from closedbook.documents.drafts import MAX_CHARACTERS, Draft, UnreadableError, too_long
from closedbook.documents.folder import Found, cannot_be_read, files_below
from closedbook.documents.formats import SUPPORTED, reader_for
from closedbook.documents.splitting import parts_of
from closedbook.errors import InputError
from closedbook.events import Counts, Emit, Notice, StageProgress
from closedbook.hints import path_shown
from closedbook.records import Document, Rejection, content_id
from closedbook.store.rows import write_rows

_STAGE = "documents"
_LINES_PER_REASON = 20
"""A folder of ten thousand pictures gets twenty lines and a sum; the file has them all."""


@dataclass(frozen=True, slots=True)
class Limit:
    """How many tokens a `document` may have so that the teacher can read it, whose `context` has
    so many."""

    document: int
    context: int

    @property
    def why(self) -> str:
        return (
            f"each of at most {self.document:,} tokens by estimate, for the teacher's context of"
            f" {self.context:,} (teacher.context)"
        )


def read_documents(folder: Path, out: Path, emit: Emit, *, limit: Limit | None = None) -> Counts:
    """Write `documents.jsonl` and `rejections.jsonl` into `out`, in the order of
    `files_below`. Documents beyond the `limit` are split into several.

    Raises InputError if the folder is missing or holds nothing usable.
    """
    found = files_below(folder)
    reading = _Reading(emit, limit)
    documents = write_rows(out / "documents.jsonl", reading.documents(found))
    write_rows(out / "rejections.jsonl", reading.rejections)
    reading.sum_up()
    if not documents:
        raise _unusable(folder, reading.refused)
    return {
        "documents": documents,
        "rejected": len(reading.rejections),
        "characters": reading.characters,
        **({"split": reading.split} if reading.split else {}),
    }


def look_through(folder: Path, emit: Emit) -> set[str]:
    """The titles of all documents in the folder, read but not kept; what cannot be read is told.

    Raises InputError as `read_documents` does.
    """
    reading = _Reading(emit, None)
    files = files_below(folder)
    titles = {document.title for document in reading.documents(files)}
    reading.sum_up(kept=False)
    if reading.unread:
        emit(Notice(_STAGE, f"{reading.unread:,} of {len(files):,} files will not be read"))
    if not titles:
        raise _unusable(folder, reading.refused)
    return titles


def _unusable(folder: Path, refused: Counter[str]) -> InputError:
    reasons = ", ".join(f"{count} x {reason}" for reason, count in refused.most_common(3))
    told = f"no usable document in {path_shown(folder)}: {reasons}"
    if not refused:
        told = f"the documents folder {path_shown(folder)} holds no files"
    return InputError(told, hint=f"formats that are read: {SUPPORTED}")


class _Reading:
    """One pass over the files: what was seen and refused, how many files gave nothing, how many
    documents were split."""

    def __init__(self, emit: Emit, limit: Limit | None) -> None:
        self.split = 0
        self.unread = 0
        self._limit = limit
        self.rejections: list[Rejection] = []
        self.refused: Counter[str] = Counter()
        self.characters = 0
        self._emit = emit
        self._first_with: dict[str, str] = {}

    def documents(self, files: list[Found]) -> Iterator[Document]:
        """The documents of all files, in order; rejections are collected on the way."""
        for done, file in enumerate(files, start=1):
            before = self.characters, len(self.rejections)
            for draft in _contents(file):
                source = file.source if draft.row is None else f"{file.source}#{draft.row}"
                document = self._checked(draft, source, file.path.stem)
                if isinstance(document, Document):
                    self.characters += len(document.text)
                    yield from self._parts(document)
                else:
                    self._reject(document, source)
            self.unread += before[0] == self.characters and before[1] < len(self.rejections)
            self._emit(StageProgress(_STAGE, done, len(files), file.source))

    def _checked(
        self, draft: Draft | UnreadableError, source: str, stem: str
    ) -> Document | UnreadableError:
        if isinstance(draft, UnreadableError):
            return draft
        if len(draft.text) > MAX_CHARACTERS:
            most = f"one document may have {MAX_CHARACTERS:,}"
            return too_long(f"{len(draft.text):,} characters, and {most}", row=draft.row)
        text = clean_text(draft.text)
        if not text:
            return UnreadableError("empty", "there is no text in it", hint="fill it or remove it")
        first = self._first_with.setdefault(content_id("text", text), source)
        if first != source:
            return UnreadableError("duplicate", f"the same text as {first}, which is kept")
        title = clean_title(draft.title) or _title_from_name(stem, draft.row)
        domain = clean_title(draft.domain) or _domain_of(source)
        return Document.make(title=title, text=text, source=source, domain=domain)

    def _parts(self, document: Document) -> list[Document]:
        if self._limit is None:
            return [document]
        parts = parts_of(document, self._limit.document)
        if len(parts) > 1:
            self.split += 1
            if self.split <= _LINES_PER_REASON:
                text = f"{document.source}: split into {len(parts)} parts, {self._limit.why}"
                self._emit(Notice(_STAGE, text))
        return parts

    def _reject(self, problem: UnreadableError, source: str) -> None:
        self.rejections.append(
            Rejection(_STAGE, "read", problem.reason, source, str(problem), problem.raw)
        )
        self.refused[problem.reason] += 1
        if self.refused[problem.reason] <= _LINES_PER_REASON:
            self._emit(Notice(_STAGE, f"{source}: {problem}"))

    def sum_up(self, *, kept: bool = True) -> None:
        """One line for the rejections of each reason, and for the split documents, that got none
        of their own."""
        for reason, count in self.refused.items():
            if count > _LINES_PER_REASON:
                told = f"{count - _LINES_PER_REASON:,} more: {reason}"
                self._emit(Notice(_STAGE, f"{told} (see rejections.jsonl)" if kept else told))
        if self.split > _LINES_PER_REASON:
            more = self.split - _LINES_PER_REASON
            self._emit(Notice(_STAGE, f"{more:,} more split (see #part- in documents.jsonl)"))


def _title_from_name(stem: str, row: int | None) -> str:
    name = clean_title(readable_name(stem))
    return name if row is None else f"{name} {row}"


def _domain_of(source: str) -> str:
    """The first folder below the documents folder, as words."""
    folder, slash, _ = source.partition("/")
    return clean_title(readable_name(folder)) if slash else ""


def _contents(file: Found) -> Iterator[Draft | UnreadableError]:
    """What one file holds; never raises for what is the file's fault."""
    if file.problem is not None:
        yield file.problem
        return
    reader = reader_for(file.path)
    if reader is None:
        hint = f"formats that are read: {SUPPORTED}"
        yield UnreadableError("unsupported format", file.path.suffix or "no extension", hint=hint)
        return
    try:
        if file.path.stat().st_size == 0:
            yield UnreadableError("empty", "0 bytes", hint="fill it or remove it")
            return
        yield from reader(file.path)
    except UnreadableError as problem:
        yield problem
    except OSError as error:
        yield cannot_be_read(error)
