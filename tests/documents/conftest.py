"""Documents made from scratch, and one call that reads a folder of them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from closedbook.documents import read_documents
from closedbook.events import Counts, Event, Notice, StageProgress
from closedbook.records import Document, Rejection
from closedbook.store.rows import read_rows

Pdf = Callable[..., bytes]
Docx = Callable[..., bytes]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one run of the stage made and said."""

    documents: dict[str, Document]
    rejections: dict[str, Rejection]
    notices: list[str]
    progress: list[StageProgress]
    counts: Counts

    def line(self, source: str) -> str:
        """The one notice about a source."""
        (line,) = [text for text in self.notices if text.startswith(f"{source}: ")]
        return line


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "documents"
    path.mkdir()
    return path


@pytest.fixture
def read(folder: Path, tmp_path: Path) -> Callable[[], Outcome]:
    """Reads the folder into `tmp_path/out`."""

    def run() -> Outcome:
        events: list[Event] = []
        out = tmp_path / "out"
        counts = read_documents(folder, out, events.append)
        return Outcome(
            {row.source: row for row in read_rows(out / "documents.jsonl", Document)},
            {row.subject: row for row in read_rows(out / "rejections.jsonl", Rejection)},
            [event.text for event in events if isinstance(event, Notice)],
            [event for event in events if isinstance(event, StageProgress)],
            counts,
        )

    return run


def _object(number: int, body: bytes) -> bytes:
    return b"%d 0 obj\n%s\nendobj\n" % (number, body)


@pytest.fixture
def pdf() -> Pdf:
    """A one-page PDF: lines of text, or a grey picture if there are none."""

    def make(*lines: str, title: str = "") -> bytes:
        shown = b" ".join(b"(%s) Tj T*" % line.encode("latin-1") for line in lines)
        page = b"BT /F 12 Tf 72 720 Td 14 TL %s ET" % shown
        if not lines:
            page = b"q 400 0 0 600 72 72 cm /I Do Q"
        pixels = bytes([128]) * 64
        bodies = [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R"
            b" /Resources << /Font << /F 5 0 R >> /XObject << /I 6 0 R >> >> >>",
            b"<< /Length %d >>\nstream\n%s\nendstream" % (len(page), page),
            b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
            b"<< /Type /XObject /Subtype /Image /Width 8 /Height 8 /ColorSpace /DeviceGray"
            b" /BitsPerComponent 8 /Length 64 >>\nstream\n%s\nendstream" % pixels,
            b"<< /Title (%s) >>" % title.encode("latin-1"),
        ]
        content = b"%PDF-1.4\n"
        offsets = []
        for number, body in enumerate(bodies, start=1):
            offsets.append(len(content))
            content += _object(number, body)
        table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
        size = len(bodies) + 1
        return content + (
            b"xref\n0 %d\n0000000000 65535 f \n%s"
            b"trailer << /Size %d /Root 1 0 R /Info 7 0 R >>\nstartxref\n%d\n%%%%EOF\n"
            % (size, table, size, len(content))
        )

    return make


_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006"


@pytest.fixture
def docx() -> Docx:
    """A Word file with the given paragraphs of XML; the first may be a heading."""

    def make(*paragraphs: str, heading: str = "", title: str = "") -> bytes:
        body = "".join(f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>" for text in paragraphs)
        if heading:
            style = '<w:pPr><w:pStyle w:val="Heading1"/></w:pPr>'
            body = f"<w:p>{style}<w:r><w:t>{heading}</w:t></w:r></w:p>{body}"
        parts = {
            "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
            '<Default Extension="xml" ContentType="application/xml"/></Types>',
            "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="r"'
            f' Type="{_OFFICE}/relationships/officeDocument" Target="word/document.xml"/>'
            "</Relationships>",
            "word/document.xml": f'<w:document xmlns:w="{_WORD}"><w:body>{body}</w:body>'
            "</w:document>",
            "docProps/core.xml": f'<p:coreProperties xmlns:p="{_PACKAGE}/metadata/core-properties"'
            f' xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{title}</dc:title>'
            "</p:coreProperties>",
        }
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            for name, xml in parts.items():
                archive.writestr(name, f'<?xml version="1.0" encoding="UTF-8"?>{xml}')
        return buffer.getvalue()

    return make
