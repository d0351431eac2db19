"""Long documents as several, each short enough for the teacher to read.

They are cut where their structure allows it, and each part is titled by where it stands in the
whole. Only white space is lost.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import takewhile

from semantic_text_splitter import MarkdownSplitter

from closedbook.documents.cleaning import clean_title, headings
from closedbook.records import Document

BYTES_PER_TOKEN = 3
"""Cautious: English prose has more than four in current tokenizers, source code and other scripts
about three."""
_DIGITS = re.compile(r"[0-9]")
_LONGEST_PATH = 200
Path = tuple[str, ...]


def estimated_tokens(text: str) -> int:
    """More than the tokens of `text` in all likelihood; some tokenizers take digits one by one."""
    size = len(text.encode()) + (BYTES_PER_TOKEN - 1) * len(_DIGITS.findall(text))
    return -(-size // BYTES_PER_TOKEN)


def parts_of(document: Document, tokens: int) -> list[Document]:
    """The document, or its parts of at most `tokens` each: whole sections where they fit, else
    paragraphs, sentences, words."""
    if estimated_tokens(document.text) <= tokens:
        return [document]
    splitter = MarkdownSplitter.from_callback(estimated_tokens, tokens)
    pieces = splitter.chunk_indices(document.text)
    sections = list(_sections(document))
    paths = [_common(sections, start, start + len(text)) for start, text in pieces]
    parts = []
    for number, ((_, text), title) in enumerate(zip(pieces, _numbered(paths), strict=True), 1):
        source = f"{document.source}#part-{number}"
        part = Document.make(
            title=title, text=text, source=source, part_of=document.title, domain=document.domain
        )
        parts.append(part)
    return parts


def _sections(document: Document) -> Iterator[tuple[int, Path]]:
    """Where each section begins, and the titles it stands under."""
    yield 0, (document.title,)
    above: list[tuple[int, str]] = []
    for start, level, words in headings(document.text):
        above = [(upper, title) for upper, title in above if upper < level]
        above.append((level, clean_title(words)))
        titles = [title for _, title in above]
        if titles[0].casefold() == document.title.casefold():
            titles = titles[1:]
        yield start, (document.title, *titles)


def _common(sections: Sequence[tuple[int, Path]], start: int, end: int) -> Path:
    """The titles that hold for all of a stretch."""
    begun = [path for at, path in sections if at <= start][-1]
    paths = [begun, *(path for at, path in sections if start < at < end)]
    together = zip(*paths, strict=False)
    return tuple(names[0] for names in takewhile(lambda names: len(set(names)) == 1, together))


def _numbered(paths: Sequence[Path]) -> Iterator[str]:
    totals, seen = Counter(paths), Counter[Path]()
    for path in paths:
        seen[path] += 1
        number = f" ({seen[path]} of {totals[path]})" if totals[path] > 1 else ""
        yield _title(path) + number


def _title(path: Path) -> str:
    title = " > ".join(path)
    if len(title) > _LONGEST_PATH and len(path) > 2:
        title = " > ".join((path[0], "…", path[-1]))
    return clean_title(title)
