"""Questions that name another document than their own, told by the titles of all documents.

A title within a question may be a source ("in the Annual Report of 2021") or what the document is
about ("Ada Ore"). It is another document's if the question names its own only with the words of
that title, or if the own document never speaks of it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Self

from closedbook.flows.library.steps.naming import names_title
from closedbook.flows.library.steps.words import telling, words
from closedbook.records import Document
from closedbook.store.rows import read_rows

NAMES_ANOTHER = "the question names another document"
Phrase = tuple[str, ...]
_QUOTES = "\"'“”‘’„«»"


class Titles:
    """Titles by their first word. One of a single telling word ("Leave") is found only in quotation
    marks."""

    def __init__(self, titles: Iterable[str]) -> None:
        self._by_first: dict[str, list[tuple[Phrase, str]]] = defaultdict(list)
        for title in dict.fromkeys(titles):
            if phrase := words(title):
                self._by_first[phrase[0]].append((phrase, title))

    @classmethod
    def of(cls, documents: Path) -> Self:
        """Of a file of documents."""
        return cls(document.title for document in read_rows(documents, Document))

    def misnamed(self, question: str, document: Document, scope: str = "") -> str:
        """The other document that a question about `document` names; "" if it names none. `scope`
        is how it should name its own."""
        said = words(question)
        if self._by_first.keys().isdisjoint(said):
            return ""
        for phrase, title in self._named_in(question, said):
            if phrase == words(document.title)[: len(phrase)] or title == document.part_of:
                continue
            left = " ".join(said).replace(" ".join(phrase), " ")
            unnamed = scope == "title" and not names_title(left, document.title)
            if unnamed or f" {' '.join(phrase)} " not in f" {' '.join(words(document.text))} ":
                return title
        return ""

    def _named_in(self, question: str, said: Phrase) -> Iterator[tuple[Phrase, str]]:
        for place, word in enumerate(said):
            for phrase, title in self._by_first.get(word, ()):
                if said[place : place + len(phrase)] == phrase and (
                    len(telling(title)) > 1 or _is_quoted(title, question)
                ):
                    yield phrase, title


def _is_quoted(title: str, question: str) -> bool:
    start = question.find(title)
    return start > 0 and question[start - 1] in _QUOTES
