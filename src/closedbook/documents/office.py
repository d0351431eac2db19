"""PDF and Word documents.

A page that is only a picture has no text, and none is made up: OCR is the user's to run.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from closedbook.documents.cleaning import first_heading
from closedbook.documents.drafts import MAX_CHARACTERS, Draft, UnreadableError
from closedbook.documents.extraction import extract

_PDF = "application/pdf"
_DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

_ESCAPED = re.compile(r"\\([!-/:-@\[-`{}~])")
_CODE = re.compile(r"(^```.*?^```)", re.DOTALL | re.MULTILINE)
_FILE_NAME = re.compile(r"\.(docx?|pdf|tex|dvi|indd|rtf|odt|pptx?|qxd)$", re.IGNORECASE)
_PLACEHOLDERS = {"untitled", "document", "document1", "title", "powerpoint presentation"}

_XML_BYTES = 40 * MAX_CHARACTERS
"""What a .docx may unpack to: 40 bytes of markup and text for every character allowed."""

# kreuzberg 4.10 drops entities, tabs and unbreakable hyphens from Word's XML ("AT&T" is read as
# "ATT", "one<tab>two" as "onetwo"), so they are restated before and put back after. Unicode's
# noncharacters stand in for the markup characters: no text holds them, and XML allows them.
_MARKUP = dict(zip("&<>\"'", "\ufdd0\ufdd1\ufdd2\ufdd3\ufdd4", strict=True))
_PUT_BACK = {ord(stand_in): character for character, stand_in in _MARKUP.items()}
_NAMED = {b"amp": "&", b"lt": "<", b"gt": ">", b"quot": '"', b"apos": "'"}
_ENTITY = re.compile(rb"&(amp|lt|gt|quot|apos|#[0-9]{1,7}|#x[0-9a-fA-F]{1,6});")
_TAB = re.compile(rb"<w:(?:tab|ptab)\s*/>")
_HYPHEN = re.compile(rb"<w:noBreakHyphen\s*/>")


def read_pdf(path: Path) -> Iterator[Draft]:
    """A PDF file is one document, titled by its metadata or its first heading."""
    markdown, title = extract(path.read_bytes(), _PDF)
    if not markdown.strip():
        raise UnreadableError("no text", "a scanned page?", hint="run OCR first, e.g. ocrmypdf")
    text = _unescape(markdown)
    yield Draft(text, _telling(title) or first_heading(text))


def read_docx(path: Path) -> Iterator[Draft]:
    """A Word file is one document, titled by its properties or its first heading."""
    markdown, title = extract(_restated(path.read_bytes()), _DOCX)
    text = _unescape(markdown).translate(_PUT_BACK)
    yield Draft(text, _telling(title.translate(_PUT_BACK)) or first_heading(text))


def _unescape(markdown: str) -> str:
    """Markdown's backslashes taken out of prose: they are no words of the document."""
    pieces = _CODE.split(markdown)
    pieces[::2] = [_ESCAPED.sub(r"\1", prose) for prose in pieces[::2]]
    return "".join(pieces)


def _telling(title: str) -> str:
    """A metadata title, unless it is what programs put there unasked."""
    title = title.strip().removeprefix("Microsoft Word - ")
    if title.casefold() in _PLACEHOLDERS or _FILE_NAME.search(title):
        return ""
    return title


def _restated(content: bytes) -> bytes:
    """The Word file with its texts in a form that survives extraction, without pictures."""
    buffer = io.BytesIO()
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(buffer, "w") as target:
            for part in _text_parts(source):
                xml = source.read(part)
                # Relations hold addresses, where a stand-in would break a good link.
                restate = part.filename.endswith(".xml")
                target.writestr(part.filename, _restate(xml) if restate else xml)
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, ValueError) as error:
        raise UnreadableError(
            "broken file",
            f"no readable .docx archive: {error}",
            hint="open it, remove a password if it has one, save it again as .docx",
        ) from error
    return buffer.getvalue()


def _text_parts(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    parts = [part for part in archive.infolist() if part.filename.endswith((".xml", ".rels"))]
    size = sum(part.file_size for part in parts)
    if size > _XML_BYTES:
        raise UnreadableError(
            "too large",
            f"{size / 1e6:,.0f} MB of XML inside",
            hint="split it into files by chapter or topic",
        )
    return parts


def _restate(xml: bytes) -> bytes:
    xml = _TAB.sub(b'<w:t xml:space="preserve"> </w:t>', xml)
    xml = _HYPHEN.sub(b"<w:t>-</w:t>", xml)
    return _ENTITY.sub(_character, xml)


def _character(entity: re.Match[bytes]) -> bytes:
    name = entity[1]
    if name in _NAMED:
        return _MARKUP[_NAMED[name]].encode()
    code = int(name.replace(b"#x", b"0x"), 0) if b"x" in name else int(name[1:])
    if code < 0x20:
        return b" "
    if code > 0x10FFFF or 0xD800 <= code <= 0xDFFF:
        return entity[0]
    return _MARKUP.get(chr(code), chr(code)).encode()
