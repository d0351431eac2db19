"""Which reader reads which file, by extension.

Readers are named, not imported: a folder of Markdown loads neither a PDF parser nor a table
engine.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import PurePath

from closedbook.documents.drafts import Reader

_READERS = {
    ".md": "plain:read_markdown",
    ".txt": "plain:read_text",
    ".html": "webpages:read_html",
    ".htm": "webpages:read_html",
    ".pdf": "office:read_pdf",
    ".docx": "office:read_docx",
    ".jsonl": "rows:read_jsonl",
    ".parquet": "parquet:read_parquet",
}

SUPPORTED = ", ".join(extension.removeprefix(".") for extension in _READERS)
"""The supported extensions, for messages."""


def reader_for(path: PurePath) -> Reader | None:
    """The reader of the file's format, None if the format is not supported."""
    place = _READERS.get(path.suffix.lower())
    if place is None:
        return None
    module, function = place.split(":")
    reader: Reader = getattr(import_module(f"closedbook.documents.{module}"), function)
    return reader
