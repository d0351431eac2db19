"""What the teacher is shown and asked for, and what of it is kept: `icl`, `generate`, `curate`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, PositiveInt, ValidationInfo, field_validator

from closedbook.config.section import Settings, Share


class Icl(Settings):
    """Where in-context examples are, and which a document is shown: one of its own `domain`, or any
    at `random`; `seed` decides among several."""

    file: str = Field(default="icl.yaml", min_length=1)
    choose: Literal["domain", "random"] = "domain"
    seed: int = 0


class Generate(Settings):
    """Which flows ask the teacher: names of shipped flows or of files in the project's `flows/`;
    which write the exam of a
    project that has none; how questions name their source, where the flow's own way shall not
    hold."""

    flows: tuple[str, ...] = ("qa", "study")
    exam_flows: tuple[str, ...] = ("exam",)
    organisation: str = ""
    question_scope: Literal["title", "organisation", "none"] | None = None

    @field_validator("question_scope")
    @classmethod
    def _named(cls, scope: str | None, info: ValidationInfo) -> str | None:
        if scope == "organisation" and not info.data.get("organisation", "").strip():
            raise ValueError("needs generate.organisation: its name")
        return scope


Rule = Literal[
    "verdicts",
    "form",
    "refusal",
    "leak",
    "tags",
    "giveaway",
    "language",
    "contamination",
    "repeats",
]


class Curate(Settings):
    """What a generated row must satisfy to be kept.

    The built-in rules run, but those named in `without`; then the project's own `filters`.
    `verdicts` says which verdicts of a judge keep a pair. `language` is a code such as "en", or
    "document" for that of the pair's document. `near_duplicates` is the similarity from which
    questions of one document that have the same answer are one (1: only equal ones). A document
    with fewer than `refill` pairs is asked about again, in at most `refill_rounds`.
    """

    filters: tuple[str, ...] = ()
    without: tuple[Rule, ...] = ()
    verdicts: dict[str, tuple[str, ...]] = {}
    min_question_characters: PositiveInt = 5
    max_question_characters: PositiveInt = 1000
    max_answer_characters: PositiveInt = 4000
    language: Annotated[str, Field(pattern=r"^(document|[a-z]{2,3})$")] = "document"
    near_duplicates: Share = 0.9
    refill: PositiveInt | None = None
    refill_rounds: PositiveInt = 3
