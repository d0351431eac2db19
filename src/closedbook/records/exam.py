"""Exam questions and the answers given to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from closedbook.records.identity import content_id

Condition = Literal[
    "closed_book", "rag", "open_book", "wrong_title", "options_only", "longest_option"
]
Split = Literal["choose", "sealed"]
UNREVIEWED = "unreviewed"
"""The name of an exam of which nobody says what is right."""
GENERATED = (
    "No accuracy is given: the teacher generated this exam, and nobody has reviewed and accepted "
    "it (closedbook exam accept)."
)
REHEARSED = "No accuracy is given: this was a rehearsal with stand-ins."


def in_words(condition: str) -> str:
    """A condition as people write it."""
    return "RAG" if condition == "rag" else condition.replace("_", " ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question of an exam: multiple choice, or a short answer where `options` is empty.

    `answer` is the 0-based index of the right option, -1 of a short answer, whose right texts are
    in `accepted`. `document` is the title of the document it is about ("" if none), the cluster of
    the statistics; `about` is the opening of `question` that names the document, if it has one;
    `evidence` is the sentence that makes the answer right ("" if nobody quoted it). `hard` is None
    where nobody said. `choose` questions may pick checkpoints and recipes, `sealed` ones are asked
    for the report only. `before` are the turns before the question, a user's first, and `thinking`
    is whether to think about it (None: as everything else is asked); both only of general
    questions, where without `accepted` the thinking alone is what is asked for. The id is the one
    that a person gave, else `content`.
    """

    id: str = ""
    document: str
    question: str
    options: tuple[str, ...] = ()
    answer: int = -1
    evidence: str = ""
    accepted: tuple[str, ...] = ()
    about: str = ""
    hard: bool | None = None
    split: Split = "sealed"
    exam: str = "exam"
    before: tuple[str, ...] = ()
    thinking: bool | None = None

    def __post_init__(self) -> None:
        if not self.id:
            object.__setattr__(self, "id", self.content)

    @property
    def content(self) -> str:
        """A hash of what is asked and what is right; neither evidence nor split changes it."""
        asked: list[object] = [self.document, self.question]
        if self.options:
            return content_id("question", *asked, list(self.options), self.answer)
        special = [list(self.before), self.thinking]
        given = special if self.before or self.thinking is not None else []
        return content_id("short-question", *asked, list(self.accepted), *given)

    @property
    def right(self) -> str:
        """The right answer as a text."""
        if self.options:
            return self.options[self.answer]
        return self.accepted[0] if self.accepted else f"thinking {'on' if self.thinking else 'off'}"


@dataclass(frozen=True, slots=True)
class Retrieved:
    """A passage that was in a prompt: its id and its document's title; `evidence` says whether it
    holds the sentence that makes the answer right (None: the question quotes none). Of a document
    that was split, `part_of` is the title of the whole."""

    id: str
    title: str
    evidence: bool | None = None
    part_of: str = ""


@dataclass(frozen=True, slots=True)
class Response:
    """One arm's answer to one question under one condition, in one order of the options.

    `options` are in the order of the exam; what was shown is turned by `permutation` places
    (0: as they are), and `sample` tells repeated asks apart. Where options were scored, `scores`
    holds the log-likelihood (nats) of each. `chosen` is the index of the option taken, None where
    none could be told. `extracted` names the rule that told it ("scores" where options were
    scored), "" where none did: such a response is unparsed, and wrong. `text` is what was answered,
    `reasoning` the thinking before it; `truncated` says that the token limit cut it off, `forced`
    that the answer had to be asked for once more. `failed` is why there was no answer at all
    ("" if there was one): it is wrong too. Tokens and seconds are None where nobody counted.
    `expected` is the right answer as a text; of a short answer `options` is empty.
    """

    exam: str
    arm: str
    condition: Condition
    question_id: str
    document: str
    question: str
    options: tuple[str, ...]
    answer: int
    scores: tuple[float, ...]
    chosen: int | None
    correct: bool
    text: str
    retrieved: tuple[Retrieved, ...] = ()
    sample: int = 0
    permutation: int = 0
    hard: bool | None = None
    expected: str = ""
    extracted: str = "scores"
    reasoning: str = ""
    truncated: bool = False
    forced: bool = False
    failed: str = ""
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    seconds: float | None = None

    @property
    def read_its_document(self) -> bool:
        """Whether a passage of the question's own document was in the prompt."""
        return any(self.document in (item.title, item.part_of) for item in self.retrieved)

    def shown(self, place: int) -> int:
        """Where option `place` stood in the prompt, from 0; its letter follows from that."""
        return (place - self.permutation) % len(self.options)
