"""The shape of a flow file: every key, its type, its default.

Knows nothing of prompts' content or of running; `loading` turns a spec into steps.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, PositiveInt, model_validator

Makes = Literal["pairs", "study", "exam"]
RESERVED = ("end", "nothing", "sample", "samples")
Column = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
SOURCE_COLUMNS = ("document", "title")
"""What every source row brings."""
TO_TRAIN_ON: tuple[Makes, ...] = ("pairs", "study")
TO_EXAMINE: tuple[Makes, ...] = ("exam",)
NEEDED = {
    "pairs": ("question", "answer"),
    "study": ("text",),
    "exam": ("question", "correct", "wrong_1", "wrong_2", "wrong_3"),
}
"""The columns a flow must end with, by what it makes."""


class Spec(BaseModel):
    """A frozen section that refuses unknown keys."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class ParseSpec(Spec):
    """How a reply becomes columns: blocks of `[TAG]` texts, or the whole text into one column.
    `blocks: one` is for verdicts, of which a row must have one."""

    tags: tuple[Column, ...] = ()
    blocks: Literal["one", "many"] = "many"
    into: Column | None = None

    @model_validator(mode="after")
    def _one_way(self) -> ParseSpec:
        if bool(self.tags) == (self.into is not None):
            raise ValueError("give either tags: [...] or into: COLUMN")
        for name in self.columns:
            if name in RESERVED:
                raise ValueError(f"the name {name!r} is reserved")
        if len(set(self.tags)) < len(self.tags):
            raise ValueError("a tag is there twice")
        return self

    @property
    def columns(self) -> tuple[str, ...]:
        return (self.into,) if self.into is not None else self.tags


class AskSpec(Spec):
    """Ask the model `samples` times with one prompt; each block of each reply is a row."""

    prompt: str
    parse: ParseSpec
    samples: PositiveInt = 1
    temperature: float | None = None
    top_p: float | None = None
    max_tokens: PositiveInt | None = None
    reasoning: Literal["drop", "keep"] = "drop"

    @property
    def columns(self) -> tuple[str, ...]:
        return self.parse.columns + (("reasoning",) if self.reasoning == "keep" else ())


class FilterSpec(Spec):
    """Keep the rows for which a Jinja expression is true."""

    where: str
    reason: str


class StepSpec(Spec):
    """One step: exactly one key, which names its kind."""

    ask: AskSpec | None = None
    filter: FilterSpec | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> StepSpec:
        if (self.ask is None) == (self.filter is None):
            raise ValueError("a step is one of: ask, filter")
        return self


class FlowSpec(Spec):
    """A whole flow file."""

    flow: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$")]
    makes: Makes
    steps: Annotated[tuple[StepSpec, ...], Field(min_length=1)]
    description: str = ""


SECTIONS: dict[tuple[str, ...], type[Spec]] = {
    (): FlowSpec,
    ("steps",): StepSpec,
    ("steps", "ask"): AskSpec,
    ("steps", "ask", "parse"): ParseSpec,
    ("steps", "filter"): FilterSpec,
}
"""Which keys are known where, list positions left out."""
