"""What an exam asks and what comes back, whoever is asked.

Knows prompts and answers as they were given, not whether they are right.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from closedbook.records import Condition, Message, Question, Retrieved
from closedbook.students import ask_messages, choice_messages, short_messages

Answering = Literal["turn", "text", "text_normalised", "letter", "generate"]
"""How an option is taken: the likeliest as a whole turn, as a text, as a text per character, by its
letter; or the one a written answer names."""
WHOLE: frozenset[Answering] = frozenset({"turn", "text", "text_normalised"})
"""Where the options are not shown: each is scored as an answer to the question alone."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """A question ready to be asked; `options` as they are shown; `shortened` if passages were
    dropped or cut to fit."""

    question: Question
    messages: tuple[Message, ...]
    options: tuple[str, ...] = ()
    retrieved: tuple[Retrieved, ...] = ()
    shortened: bool = False


@dataclass(frozen=True, slots=True)
class Ask:
    """One ask of a sitting; `number` counts them."""

    number: int
    exam: str
    condition: Condition
    prompt: Prompt
    permutation: int = 0
    sample: int = 0


@dataclass(frozen=True, slots=True)
class Said:
    """What came back: `scores` of the options as they were shown, or a `text`. `letter` is what was
    said when the letter had to be asked for once more, None if it had not. `failed` says why there
    is no answer; with `retry` another run may get one."""

    text: str = ""
    scores: tuple[float, ...] = ()
    reasoning: str = ""
    truncated: bool = False
    letter: str | None = None
    failed: str = ""
    retry: bool = False
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    seconds: float | None = None


class Examinee(Protocol):
    """Something that sits exams."""

    @property
    def answering(self) -> Answering:
        """How it takes an option."""

    def refusal(self, prompt: Sequence[Message], options: Sequence[str], /) -> str:
        """Why this cannot be asked ("too long" or another short reason), "" if it can."""

    def answer(self, asks: Iterator[Ask], take: Callable[[Ask, Said], None], /) -> None:
        """Hand what was said to each ask to `take`, in any order."""


def put(
    text: str, options: Sequence[str], passages: Sequence[str], answering: Answering
) -> tuple[Message, ...]:
    """The turns that ask a question in the form its answering needs."""
    if answering in WHOLE:
        return ask_messages(text, passages)
    if not options:
        return short_messages(text, passages)
    return choice_messages(text, options, passages, think=answering == "generate")
