"""What is asked of students, and how: `exam`, `exams`, `evaluate`."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, PositiveInt, Tag

from closedbook.config.section import Settings, Share


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


AnyExam = FileExam | QualityExam
Exam = Annotated[
    Annotated[str, Tag("name")]
    | Annotated[FileExam, Tag("file")]
    | Annotated[QualityExam, Tag("quality")],
    Discriminator(_kind),
]


class Evaluate(Settings):
    """What is asked. `retrieved` is how many passages a RAG prompt holds; `passage_characters`
    bounds their length; `resamples` is the number of random sign
    flips behind a p."""

    conditions: tuple[Literal["closed_book", "rag", "open_book"], ...] = (
        "closed_book",
        "rag",
        "open_book",
    )
    retrieved: PositiveInt = 2
    passage_characters: PositiveInt = 1024
    answer_tokens: PositiveInt = 24
    resamples: Annotated[int, Field(ge=1000)] = 10_000
    seed: int = 0
