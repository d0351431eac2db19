"""Text, Markdown and HTML: titles, encodings, and nothing lost or invented."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.documents.conftest import Outcome

Read = Callable[[], "Outcome"]


def test_markdown_is_kept_and_titled_by_its_first_heading(folder: Path, read: Read) -> None:
    (folder / "alba.md").write_text("# The Alba\n\nIt is **90** miles long.\n")
    document = read().documents["alba.md"]
    assert (document.title, document.text) == ("The Alba", "# The Alba\n\nIt is **90** miles long.")


def test_front_matter_gives_the_title_and_is_no_text(folder: Path, read: Read) -> None:
    (folder / "a.md").write_text("---\ntitle: Leave policy\ntags: [hr]\n---\n# Intro\n\nText.\n")
    (folder / "rule.md").write_text("---\nJust a rule above.\n---\nText.\n")
    documents = read().documents
    assert (documents["a.md"].title, documents["a.md"].text) == ("Leave policy", "# Intro\n\nText.")
    assert "Just a rule above." in documents["rule.md"].text


def test_text_is_titled_by_its_file_name(folder: Path, read: Read) -> None:
    (folder / "river_alba.TXT").write_text("# no heading, just text")
    assert read().documents["river_alba.TXT"].title == "River alba"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_unicode_with_its_mark_is_read(encoding: str, folder: Path, read: Read) -> None:
    (folder / "a.txt").write_bytes("Zürich – 東京".encode(encoding))
    assert read().documents["a.txt"].text == "Zürich – 東京"


def test_another_encoding_is_refused_with_the_place(folder: Path, read: Read) -> None:
    (folder / "good.md").write_text("good")
    (folder / "latin.md").write_bytes("A café".encode("latin-1"))
    (folder / "unmarked.txt").write_bytes("čau světe".encode("utf-16-le"))
    outcome = read()
    assert set(outcome.documents) == {"good.md"}
    assert outcome.rejections["latin.md"].reason == "not UTF-8"
    assert "byte 0xe9 at offset 5" in outcome.line("latin.md")
    assert "iconv" in outcome.line("latin.md")
    assert outcome.rejections["unmarked.txt"].reason == "not UTF-8"


PAGE = """<!doctype html><html><head><meta charset="utf-8"><meta name="description" content="spam">
<title>The Alba &amp; its
 springs</title><style>p {color: red}</style><script>var x = "<p>code</p>";</script></head>
<body><nav><ul><li>Home</li></ul></nav><h1>Alba</h1>
<p>It is <b>ninety</b> miles long, see <a href="http://x.example">the map</a>.</p>
<svg><title>icon</title><path d="M0 0"/></svg><img src="data:image/png;base64,AAAA" alt="">
<ul><li>one</li><li>two</li></ul>
<table><tr><th>Year</th><th>Flow</th></tr><tr><td>1901</td><td>5 &lt; 6</td></tr></table>
<pre>a
  b</pre></body></html>"""


def test_a_page_gives_its_prose_and_structure_only(folder: Path, read: Read) -> None:
    (folder / "alba.html").write_text(PAGE)
    document = read().documents["alba.html"]
    assert document.title == "The Alba & its springs"
    assert document.text == (
        "# Alba\n\nIt is ninety miles long, see the map.\n\n- one\n- two\n\n"
        "| Year | Flow  |\n| ---- | ----- |\n| 1901 | 5 < 6 |\n\n```\na\n  b\n```"
    )


def test_text_nested_in_many_wrappers_is_not_lost(folder: Path, read: Read) -> None:
    (folder / "deep.htm").write_text("<div>" * 500 + "<p>deep words</p>" + "</div>" * 500 + "tail")
    assert read().documents["deep.htm"].text == "deep words\n\ntail"


def test_a_page_without_title_is_titled_by_its_heading(folder: Path, read: Read) -> None:
    (folder / "a.html").write_text("<h2>Springs</h2><p>Cold.</p>")
    assert read().documents["a.html"].title == "Springs"


def test_a_page_in_the_charset_it_declares_is_read(folder: Path, read: Read) -> None:
    page = '<meta http-equiv="x" content="text/html; charset=ISO-8859-1"><p>Caf\xe9 \x93q\x94'
    (folder / "old.html").write_bytes(page.encode("latin-1"))
    (folder / "undeclared.html").write_bytes("<p>Caf\xe9".encode("latin-1"))
    (folder / "nonsense.html").write_bytes('<meta charset="klingon"><p>Caf\xe9'.encode("latin-1"))
    outcome = read()
    assert outcome.documents["old.html"].text == "Café “q”"
    assert outcome.rejections["undeclared.html"].reason == "not UTF-8"
    assert outcome.rejections["nonsense.html"].reason == "not UTF-8"


def test_a_page_without_words_is_empty(folder: Path, read: Read) -> None:
    (folder / "good.md").write_text("good")
    (folder / "a.html").write_text("<html><body><script>x()</script></body></html>")
    assert read().rejections["a.html"].reason == "empty"
