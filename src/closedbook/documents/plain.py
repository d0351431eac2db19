"""Plain text and Markdown.

The encoding is never guessed: UTF-8, or UTF-16/32 with its byte order mark, or refused.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from pathlib import Path

import yaml

from closedbook.documents.cleaning import first_heading
from closedbook.documents.drafts import Draft, UnreadableError, read_bounded

# UTF-32 first: its little-endian mark begins with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_FRONT_MATTER = re.compile(r"---[ \t]*\r?\n(.*?\n)---[ \t]*(?:\r?\n|$)", re.DOTALL)
LOOKED_AT = 4096
_ENDING = "is it an image or an archive? take it out, or give the file its own ending"
_CONVERT = "convert it: iconv -f ITS-ENCODING -t UTF-8 FILE > NEW-FILE"


def marked_encoding(content: bytes) -> str:
    """The encoding its byte order mark names, "" without one."""
    return next((name for mark, name in _MARKS if content.startswith(mark)), "")


def decode(content: bytes) -> str:
    """The text of a file's bytes; raises UnreadableError "not UTF-8" with the offset."""
    try:
        text = content.decode(marked_encoding(content) or "utf-8")
    except UnicodeDecodeError as error:
        if b"\0" in content[:LOOKED_AT]:
            raise UnreadableError("not a text", "it holds NUL bytes", hint=_ENDING) from error
        byte = content[error.start]
        raise UnreadableError(
            "not UTF-8", f"byte 0x{byte:02x} at offset {error.start}", hint=_CONVERT
        ) from error
    # ASCII in UTF-16 is valid UTF-8 with a NUL beside every letter; cleaning would lose letters.
    if text.count("\0") * 10 > len(text):
        raise UnreadableError(
            "not UTF-8",
            "every other byte or so is NUL, as in UTF-16 without its mark",
            hint=_CONVERT,
        )
    return text


def read_text(path: Path) -> Iterator[Draft]:
    """A text file is one document; it has no title of its own."""
    yield Draft(decode(read_bounded(path)))


def read_markdown(path: Path) -> Iterator[Draft]:
    """A Markdown file is one document, titled by its front matter or its first heading."""
    text = decode(read_bounded(path))
    title, body = _front_matter(text)
    yield Draft(body, title or first_heading(body))


def _front_matter(text: str) -> tuple[str, str]:
    """The title in YAML front matter and the text after it; what is no mapping is text."""
    match = _FRONT_MATTER.match(text)
    if match is None:
        return "", text
    try:
        fields = yaml.safe_load(match[1])
    except (yaml.YAMLError, ValueError):
        return "", text
    if not isinstance(fields, dict):
        return "", text
    title = fields.get("title")
    return (str(title) if title else ""), text[match.end() :]
