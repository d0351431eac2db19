"""What is asked of students, and how: `exam`, `exams`, `evaluate`."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, NonNegativeInt, PositiveInt, Tag

from closedbook.config.retrieval import Retrieval
from closedbook.config.section import Settings, Share
from closedbook.config.students import HuggingFaceStudent
from closedbook.config.teachers import EndpointTeacher


class FileExam(Settings):
    """Questions of one's own, JSONL or CSV. The part `choose` of them may pick checkpoints and is
    not asked for the report: whole documents or single questions, drawn by `seed`. `frozen` is the
    digest the exam must have."""

    kind: Literal["file"]
    path: str = Field(min_length=1)
    choose: Share = 0.0
    choose_by: Literal["document", "question"] = "document"
    seed: int = 0
    frozen: str = ""


class QualityExam(Settings):
    """QuALITY, in its published files. `titles` is a subset: a named one, or titles; `hard` leaves
    only the hard questions; `choose` is the part of the articles, sorted by title, that comes
    first."""

    kind: Literal["quality"]
    path: str | tuple[str, ...] = Field(min_length=1)
    titles: Literal["all", "tutorial"] | tuple[str, ...] = "all"
    hard: bool = False
    choose: Share = 0.2
    choose_by: Literal["title", "document", "question"] = "title"
    seed: int = 0
    frozen: str = ""

    @property
    def paths(self) -> tuple[str, ...]:
        return (self.path,) if isinstance(self.path, str) else self.path


def _kind(given: Any) -> str | None:
    if isinstance(given, str):
        return "name"
    kind = given.get("kind") if isinstance(given, dict) else getattr(given, "kind", None)
    return str(kind) if kind else None


class TeacherModel(Settings):
    """The project's teacher, as it is configured, but for `max_tokens`."""

    kind: Literal["teacher"]


class EndpointModel(EndpointTeacher):
    """A model behind an OpenAI-compatible endpoint, with the keys of a teacher. `weights` is the
    folder it serves, if that is here: then other weights are another model."""

    weights: str = ""


class ImportedAnswers(Settings):
    """Answers that another system gave, a JSON object per line: `id` or `question`, `text` or
    `answer`, and `condition` if they are of one only."""

    kind: Literal["answers"]
    file: str = Field(min_length=1)


AnyModel = Annotated[
    TeacherModel | EndpointModel | HuggingFaceStudent | ImportedAnswers,
    Field(discriminator="kind"),
]
AnyExam = FileExam | QualityExam
Exam = Annotated[
    Annotated[str, Field(min_length=1), Tag("name")]
    | Annotated[FileExam, Tag("file")]
    | Annotated[QualityExam, Tag("quality")],
    Discriminator(_kind),
]


class Evaluate(Settings):
    """What is asked, and how. `answering` is how an option is taken: the likeliest as a whole turn,
    as a text, as a text per character, by its letter, or the one a written answer names; endpoints
    write. `permutations` is in how many cyclic orders the options are shown, `samples` how often
    each is asked. `answer_tokens` bounds the free answer beside scored options (0: none),
    `written_tokens` an answer that is graded, thinking included. `retrieved` is how many passages a
    RAG prompt holds; `passage_characters` bounds their length; `resamples` is the number of random
    sign flips behind a p. `models` are asked too. `judge` is the role (`teacher`, or one of the
    config's `models`) that marks short answers which match no accepted one."""

    conditions: tuple[
        Literal["closed_book", "rag", "open_book", "options_only", "wrong_title"], ...
    ] = ("closed_book", "rag", "open_book")
    answering: Literal["turn", "text", "text_normalised", "letter", "generate"] | None = None
    thinking: bool | None = None
    temperature: Annotated[float, Field(ge=0)] | None = None
    samples: PositiveInt = 1
    permutations: PositiveInt = 1
    retrieved: PositiveInt = 2
    passage_characters: PositiveInt = 1024
    answer_tokens: NonNegativeInt = 24
    written_tokens: PositiveInt = 1024
    models: dict[str, AnyModel] = {}
    judge: str | None = None
    retrieval: Retrieval = Retrieval()
    resamples: Annotated[int, Field(ge=1000)] = 10_000
    seed: int = 0
