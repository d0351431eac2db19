"""HTML pages.

The page is first reduced to the elements that carry text structure: kreuzberg alone would put the
head's metadata and drawings (as data URIs) into the text, and lose what is nested in some
fifty `div`s. Links and emphasis become their words.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

from closedbook.documents.cleaning import first_heading
from closedbook.documents.drafts import Draft, UnreadableError, read_bounded
from closedbook.documents.extraction import extract
from closedbook.documents.plain import decode


def _tags(names: str) -> frozenset[str]:
    return frozenset(names.split())


_KEPT = _tags(
    "h1 h2 h3 h4 h5 h6 ul ol li dl dt dd table thead tbody tr td th caption pre code"
    " blockquote br hr"
)
_BLOCKS = _tags(
    "address article aside body center details div fieldset figcaption figure footer form header"
    " legend main p section summary"
)
_DROPPED = _tags(
    "button canvas datalist iframe nav noscript object script select style svg template textarea"
    " title"
)
_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?([A-Za-z0-9_-]+)", re.IGNORECASE)
# The web's own rule: a page that says ISO-8859-1 is read as Windows-1252 (WHATWG Encoding).
_AS_ON_THE_WEB = {"iso-8859-1": "cp1252", "latin1": "cp1252", "us-ascii": "cp1252"}


def read_html(path: Path) -> Iterator[Draft]:
    """A page is one document, titled by its `title` or its first heading."""
    page = _Skeleton()
    page.feed(_decoded(read_bounded(path)))
    page.close()
    markdown, _ = extract("".join(page.pieces).encode(), "text/html")
    title = " ".join("".join(page.title).split())
    yield Draft(markdown, title or first_heading(markdown))


def _decoded(content: bytes) -> str:
    """UTF-8 or marked, else the charset the page itself declares."""
    try:
        return decode(content)
    except UnreadableError:
        declared = _CHARSET.search(content[:4096])
        if declared is None:
            raise
        name = declared[1].decode().lower()
        try:
            return content.decode(_AS_ON_THE_WEB.get(name, name))
        except (LookupError, UnicodeDecodeError):
            pass
        raise


class _Skeleton(HTMLParser):
    """Collects the page's `title` and its body without attributes, scripts and wrappers."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self.title: list[str] = []
        self._dropping = ""
        self._depth = 0
        self._preformatted = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        if self._dropping:
            self._depth += tag == self._dropping
        elif tag in _DROPPED:
            self._dropping, self._depth = tag, 1
        else:
            self._preformatted = self._preformatted or tag == "pre"
            self._emit(tag, f"<{tag}>")

    def handle_endtag(self, tag: str) -> None:
        if self._dropping:
            self._depth -= tag == self._dropping
            if self._depth == 0:
                self._dropping = ""
        else:
            self._emit(tag, f"</{tag}>")
            self._preformatted = self._preformatted and tag != "pre"

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """`<svg/>` has no content, so nothing after it is dropped."""
        if tag not in _DROPPED:
            self.handle_starttag(tag, attrs)

    def handle_data(self, data: str) -> None:
        if not self._dropping:
            self.pieces.append(html.escape(data, quote=False))
        elif self._dropping == "title" and not "".join(self.title).strip():
            self.title.append(data)

    def _emit(self, tag: str, markup: str) -> None:
        if tag in _KEPT:
            self.pieces.append(markup)
        elif tag in _BLOCKS and not self._preformatted:
            # An empty paragraph parts what is before from what is after, and nests nothing.
            self.pieces.append("<p></p>")
