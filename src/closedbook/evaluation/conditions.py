"""What a question is asked with: nothing, retrieved passages, its whole document; or, as a control,
without the question or with another document's title.

Knows the documents and what was retrieved; whether a prompt can be asked is the examinee's word.
Invariant: the question itself is never cut, only what is read beside it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Literal

from closedbook.evaluation.asking import Answering, Prompt, put
from closedbook.records import Condition, Document, Message, Passage, Question, Retrieved

TOO_LONG = "too long"
WITHHELD = "The question is not shown."
NO_DOCUMENT = "its document is not among the documents"
NO_TITLE = "it does not name its document"

Refusal = Callable[[Sequence[Message], Sequence[str]], str]
"""Why an examinee cannot take a prompt with these options: TOO_LONG, another short reason, ""."""
Reading = Sequence[tuple[Passage, str]]
"""Passages, each with as much of its text as is read, the worst first."""


@dataclass(frozen=True, slots=True)
class Library:
    """What an exam may consult: whole documents by title, and the passages that were found for a
    question by its id, the best first, of which a prompt holds `retrieved`. With `titled` a passage
    begins with its document's title."""

    whole: Mapping[str, Sequence[Passage]]
    found: Mapping[str, Sequence[Passage]] = field(default_factory=dict)
    retrieved: int = 2
    order: Literal["best_last", "best_first"] = "best_last"
    titled: bool = False

    def prompt(
        self,
        question: Question,
        condition: Condition,
        answering: Answering,
        refusal: Refusal,
        *,
        permutation: int = 0,
        other: str = "",
    ) -> Prompt | str:
        """The question under `condition`, shortened until the examinee can take it, its options
        turned by `permutation` places; or why it cannot be asked. `other` is how a question names
        another document."""
        beside = self._beside(question, condition)
        if beside is None:
            return NO_DOCUMENT
        text = _text(question, condition, other)
        if text is None:
            return NO_TITLE
        options = turned(question.options, permutation)
        made = partial(self._made, question, text, options, answering)
        return _fitting(made, [(passage, passage.text) for passage in beside], refusal)

    def _beside(self, question: Question, condition: Condition) -> Sequence[Passage] | None:
        """What is read first, the worst first."""
        if condition == "rag":
            return self.found.get(question.id, ())[: self.retrieved][::-1]
        return self.whole.get(question.document) if condition == "open_book" else []

    def _made(
        self,
        question: Question,
        text: str,
        options: tuple[str, ...],
        answering: Answering,
        read: Reading,
        *,
        shortened: bool,
    ) -> Prompt:
        before = (
            Message("assistant" if place % 2 else "user", turn)
            for place, turn in enumerate(question.before)
        )
        shown = read[::-1] if self.order == "best_first" else read
        texts = [f"{passage.title}\n{part}" if self.titled else part for passage, part in shown]
        retrieved = tuple(
            Retrieved(passage.id, passage.title, holds(part, question.evidence), passage.part_of)
            for passage, part in shown
        )
        turns = (*before, *put(text, options, texts, answering))
        return Prompt(question, turns, options, retrieved, shortened)


def _fitting(made: Callable[..., Prompt], read: Reading, refusal: Refusal) -> Prompt | str:
    """The worst passages are left out first, and the last one is cut."""
    prompt = made(read, shortened=False)
    while (reason := refusal(prompt.messages, prompt.options)) == TOO_LONG and len(read) > 1:
        read = read[1:]
        prompt = made(read, shortened=True)
    if reason == TOO_LONG and read:
        return _cut(made, read[0][0], refusal)
    return reason or prompt


def _cut(made: Callable[..., Prompt], passage: Passage, refusal: Refusal) -> Prompt | str:
    """The longest beginning of the only passage that leaves room for the question."""

    def beginning(length: int) -> Prompt:
        return made([(passage, passage.text[:length])], shortened=True)

    def is_refused(length: int) -> bool:
        prompt = beginning(length)
        return bool(refusal(prompt.messages, prompt.options))

    alone = made([], shortened=True)
    if reason := refusal(alone.messages, alone.options):
        return reason
    too_long = bisect_left(range(len(passage.text)), True, key=is_refused)
    return beginning(too_long - 1) if too_long else alone


def whole_documents(documents: Iterable[Document]) -> dict[str, list[Passage]]:
    """Every document whole, by title: one that was split for the teacher as it was, and each of
    its parts by its own title."""
    whole: dict[str, list[Passage]] = {}
    parts: dict[str, list[Document]] = {}
    for document in documents:
        if document.title != document.part_of:
            _add(whole, document)
        if document.part_of:
            parts.setdefault(document.part_of, []).append(document)
    for title, together in parts.items():
        text = "\n\n".join(part.text for part in together)
        _add(whole, Document.make(title=title, text=text, source=title))
    return whole


def _add(whole: dict[str, list[Passage]], document: Document) -> None:
    passage = Passage.make(document, 0, len(document.text))
    whole.setdefault(document.title, []).append(passage)


def other_names(questions: Iterable[Question]) -> dict[str, str]:
    """For each document that questions name, how they name the next one by title."""
    names = {item.document: item.about or item.document for item in questions if item.document}
    titles = sorted(names)
    following = [*titles[1:], *titles[:1]]
    return {
        title: names[other]
        for title, other in zip(titles, following, strict=True)
        if title != other
    }


def turned(options: tuple[str, ...], permutation: int) -> tuple[str, ...]:
    """The options so that the one at `permutation` comes first."""
    return tuple(options[(n + permutation) % len(options)] for n in range(len(options)))


def holds(text: str, evidence: str) -> bool | None:
    """Whether the evidence stands in a text, however its lines are broken; None without any."""
    sought = " ".join(evidence.split())
    return sought in " ".join(text.split()) if sought else None


def _text(question: Question, condition: Condition, other: str) -> str | None:
    """The question's text under a condition; None if it has none."""
    if condition == "options_only":
        return WITHHELD
    if condition != "wrong_title":
        return question.question
    named = question.about or question.document
    if not named or not other or named not in question.question:
        return None
    return question.question.replace(named, other, 1)
