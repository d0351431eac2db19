"""What the teacher is asked for, and what of it is kept: `generate`, `curate`."""

from __future__ import annotations

from typing import Literal

from pydantic import PositiveInt, ValidationInfo, field_validator

from closedbook.config.section import Settings


class Generate(Settings):
    """Which flows ask the teacher: names of shipped flows or of files in the project's `flows/`;
    and how questions name their source, where the flow's own way shall not hold."""

    flows: tuple[str, ...] = ("qa", "study")
    organisation: str = ""
    question_scope: Literal["title", "organisation", "none"] | None = None

    @field_validator("question_scope")
    @classmethod
    def _named(cls, scope: str | None, info: ValidationInfo) -> str | None:
        if scope == "organisation" and not info.data.get("organisation", "").strip():
            raise ValueError("needs generate.organisation: its name")
        return scope


class Curate(Settings):
    """What a generated row must satisfy to be kept; `filters` names the project's own tests, run
    after the built-in ones."""

    filters: tuple[str, ...] = ()
    max_answer_characters: PositiveInt = 4000
