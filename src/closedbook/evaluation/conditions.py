"""What a question is asked with: nothing, retrieved passages, or its whole document.

Knows the documents and the index over them; whether a prompt can be asked is the examinee's word.
Invariant: the question itself is never cut, only what is read beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Self

from closedbook.records import Condition, Document, Message, Passage, Question, Retrieved
from closedbook.retrieval import LexicalIndex, passages
from closedbook.students import ask_messages

TOO_LONG = "too long"

Refusal = Callable[[Sequence[Message], Sequence[str]], str]
"""Why an examinee cannot take a prompt with these options: TOO_LONG, another short reason, ""."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """A question ready to be asked; `shortened` if passages were dropped or cut to fit."""

    question: Question
    messages: tuple[Message, ...]
    retrieved: tuple[Retrieved, ...] = ()
    shortened: bool = False


@dataclass(frozen=True, slots=True)
class NotAsked:
    """A question that cannot be asked under a condition, and why."""

    reason: str


class Library:
    """The documents an exam may consult. Use it in a `with` block: it holds an index."""

    def __init__(self, documents: Iterable[Document], *, characters: int, retrieved: int) -> None:
        """`characters` bounds a passage, `retrieved` is how many a RAG prompt holds."""
        self._whole: dict[str, list[Passage]] = {}
        cut: list[Passage] = []
        parts: dict[str, list[Document]] = {}
        for document in documents:
            if document.title != document.part_of:
                self._add(document)
            cut.extend(passages(document, characters))
            if document.part_of:
                parts.setdefault(document.part_of, []).append(document)
        for title, together in parts.items():
            text = "\n\n".join(part.text for part in together)
            self._add(Document.make(title=title, text=text, source=title))
        self._index = LexicalIndex(cut)
        self._retrieved = retrieved

    def _add(self, document: Document) -> None:
        whole = Passage.make(document, 0, len(document.text))
        self._whole.setdefault(document.title, []).append(whole)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._index.close()

    def prompt(
        self, question: Question, condition: Condition, refusal: Refusal
    ) -> Prompt | NotAsked:
        """The question under `condition`, shortened until the examinee can take it."""
        beside = self._beside(question, condition)
        if beside is None:
            return NotAsked("its document is not among the documents")
        return _fitting(question, beside, refusal)

    def _beside(self, question: Question, condition: Condition) -> list[Passage] | None:
        if condition == "closed_book":
            return []
        if condition == "rag":
            # Best last: what stands next to the question is read best.
            return self._index.search(question.question, self._retrieved)[::-1]
        return self._whole.get(question.document)


def _fitting(question: Question, beside: list[Passage], refusal: Refusal) -> Prompt | NotAsked:
    shortened = False
    while (reason := _try(question, [p.text for p in beside], refusal)) == TOO_LONG:
        shortened = True
        if len(beside) > 1:
            beside = beside[1:]
            continue
        return _cut(question, beside, refusal) if beside else NotAsked(reason)
    if reason:
        return NotAsked(reason)
    return _made(question, beside, [p.text for p in beside], shortened)


def _cut(question: Question, beside: list[Passage], refusal: Refusal) -> Prompt | NotAsked:
    """The longest beginning of the only passage that leaves room for the question."""
    text = beside[0].text
    fits, breaks = 0, len(text)
    if reason := _try(question, [], refusal):
        return NotAsked(reason)
    while breaks - fits > 1:
        middle = (fits + breaks) // 2
        if _try(question, [text[:middle]], refusal):
            breaks = middle
        else:
            fits = middle
    return _made(question, beside, [text[:fits]], shortened=True)


def _try(question: Question, texts: Sequence[str], refusal: Refusal) -> str:
    return refusal(ask_messages(question.question, texts), question.options)


def _made(
    question: Question, beside: Sequence[Passage], texts: Sequence[str], shortened: bool
) -> Prompt:
    retrieved = tuple(
        Retrieved(passage.id, passage.title, _holds(text, question.evidence))
        for passage, text in zip(beside, texts, strict=True)
    )
    return Prompt(question, ask_messages(question.question, texts), retrieved, shortened)


def _holds(text: str, evidence: str) -> bool | None:
    """Whether the evidence stands in a text, however its lines are broken; None without any."""
    sought = " ".join(evidence.split())
    return sought in " ".join(text.split()) if sought else None
