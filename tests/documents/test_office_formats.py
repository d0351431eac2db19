"""PDF and Word: the words as a reader sees them, or one clear line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.documents.conftest import Docx, Outcome, Pdf

Read = Callable[[], "Outcome"]


def test_a_pdf_gives_its_text_and_title(folder: Path, read: Read, pdf: Pdf) -> None:
    (folder / "a.pdf").write_bytes(
        pdf("The Alba rises at 1,200 m.", "5 * 3 # 2_1 <x>", title="The Alba")
    )
    document = read().documents["a.pdf"]
    assert document.title == "The Alba"
    assert document.text == "The Alba rises at 1,200 m. 5 * 3 # 2_1 <x>"


@pytest.mark.parametrize("title", ["Microsoft Word - draft_3.doc", "untitled", ""])
def test_titles_made_by_programs_are_not_used(
    title: str, folder: Path, read: Read, pdf: Pdf
) -> None:
    (folder / "river-alba.pdf").write_bytes(pdf("It rises in the hills.", title=title))
    assert read().documents["river-alba.pdf"].title == "River alba"


def test_a_scanned_page_is_told_to_need_ocr(folder: Path, read: Read, pdf: Pdf) -> None:
    (folder / "good.md").write_text("good")
    (folder / "scan.pdf").write_bytes(pdf())
    outcome = read()
    assert outcome.rejections["scan.pdf"].reason == "no text"
    assert outcome.line("scan.pdf") == (
        "scan.pdf: no text: a scanned page? (run OCR first, e.g. ocrmypdf)"
    )


def test_a_word_file_gives_its_text_and_title(folder: Path, read: Read, docx: Docx) -> None:
    (folder / "a.docx").write_bytes(docx("First.", "Second.", heading="Springs", title="R &amp; D"))
    (folder / "b.docx").write_bytes(docx("Third.", heading="Wells &amp; pumps"))
    documents = read().documents
    assert documents["a.docx"].title == "R & D"
    assert documents["a.docx"].text.endswith("Springs\n\nFirst.\n\nSecond.")
    assert documents["b.docx"].title == "Wells & pumps"


@pytest.mark.parametrize(
    ("xml", "text"),
    [
        ("AT&amp;T &#38; R&amp;D", "AT&T & R&D"),
        ("a &lt; b &gt; c, &quot;q&quot; &apos;s&apos;", "a < b > c, \"q\" 's'"),
        ("5 &#8364; or &#x20AC;", "5 € or €"),
        ("one</w:t><w:tab/><w:t>two", "one two"),
        ("twenty</w:t><w:noBreakHyphen/><w:t>one", "twenty-one"),
        ("5 * 3 = C:\\*x # [a]", "5 * 3 = C:\\*x # [a]"),
    ],
)
def test_no_character_of_a_word_file_is_lost(
    xml: str, text: str, folder: Path, read: Read, docx: Docx
) -> None:
    (folder / "a.docx").write_bytes(docx(xml))
    assert read().documents["a.docx"].text == text


@pytest.mark.parametrize("extension", ["pdf", "docx"])
@pytest.mark.parametrize("damage", ["cut", "noise", "another format"])
def test_a_broken_file_is_one_line_and_the_rest_goes_on(
    extension: str, damage: str, folder: Path, read: Read, pdf: Pdf, docx: Docx
) -> None:
    whole = pdf("text") if extension == "pdf" else docx("text")
    content = {"cut": whole[:200], "noise": b"\x07" * 500, "another format": b"plain words"}[damage]
    (folder / f"bad.{extension}").write_bytes(content)
    (folder / "zz.md").write_text("good")
    outcome = read()
    assert outcome.rejections[f"bad.{extension}"].reason == "broken file"
    assert "save it again" in outcome.line(f"bad.{extension}")
    assert set(outcome.documents) == {"zz.md"}


def test_a_word_file_that_unpacks_to_gigabytes_is_refused_unopened(
    folder: Path, read: Read, docx: Docx, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("closedbook.documents.office._XML_BYTES", 10_000)
    (folder / "bomb.docx").write_bytes(docx("x" * 20_000))
    (folder / "good.docx").write_bytes(docx("good"))
    assert read().rejections["bomb.docx"].reason == "too large"
