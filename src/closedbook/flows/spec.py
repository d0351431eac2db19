"""The shape of a flow file: every key, its type, its default.

Knows nothing of prompts' content or of running; `building` turns a spec into steps. Docstrings
below keys are what an editor shows for them (`closedbook schema flow`).
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PositiveFloat,
    PositiveInt,
    model_validator,
)

Makes = Literal["pairs", "study", "exam", "short_exam", "demonstrations"]
RESERVED = ("end", "nothing", "sample", "samples")
EXAMPLE_COLUMNS = (
    "icl_document",
    *(f"icl_{part}_{number}" for number in (1, 2, 3) for part in ("question", "answer")),
)
"""The in-context example; empty texts where there is none."""
SCOPE_COLUMNS = ("project_scope", "project_organisation")
"""How the project has questions name their source; empty where a flow decides."""
SOURCE_COLUMNS = ("document", "title", "domain", "outline", *SCOPE_COLUMNS, *EXAMPLE_COLUMNS)
"""What every source row brings."""
ROLES = ("teacher", "judge")
"""The models a flow may always name; a config may define more."""
TO_TRAIN_ON: tuple[Makes, ...] = ("pairs", "study")
TO_SHOW: tuple[Makes, ...] = ("demonstrations",)
TO_EXAMINE: tuple[Makes, ...] = ("exam", "short_exam")
NEEDED: dict[Makes, tuple[str, ...]] = {
    "pairs": ("question", "answer"),
    "study": ("text",),
    "exam": ("question", "correct", "wrong_1", "wrong_2", "wrong_3"),
    "short_exam": ("question", "answer", "evidence"),
    "demonstrations": ("passage", "kind", "question", "answer"),
}
"""The columns a flow must end with, by what it makes."""
NAME = r"^[A-Za-z0-9][A-Za-z0-9_-]*$"


def _free(name: str) -> str:
    if name in RESERVED:
        raise ValueError(f"the name {name!r} is reserved")
    return name


def _quoted(value: object) -> object:
    if isinstance(value, bool):
        # Pydantic reads no TypeError.
        raise ValueError("write 'YES' and 'NO' in quotes, or YAML reads true and false")  # noqa: TRY004
    return str(value) if isinstance(value, int) else value


Column = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$"), AfterValidator(_free)]
Choice = Annotated[
    str, Field(min_length=1), BeforeValidator(_quoted, json_schema_input_type=str | int)
]
Name = Annotated[str, Field(pattern=NAME)]


class Spec(BaseModel):
    """A frozen section that refuses unknown keys."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, use_attribute_docstrings=True
    )


class ParseSpec(Spec):
    """How a reply becomes columns: blocks of `[TAG]` texts, JSON objects, or your own parser."""

    tags: tuple[Column, ...] = ()
    """Columns of a block `[QUESTION] ... [ANSWER] ... [END]`; each block is a row."""
    json_keys: tuple[Column, ...] = Field(default=(), alias="json")
    """Keys of a JSON object; each object of the reply is a row."""
    parser: str | None = None
    """Name of your own function, decorated with @parser in steps/*.py."""
    makes: tuple[Column, ...] = ()
    """The columns your parser gives."""
    blocks: Literal["one", "many"] = "many"
    """one: a reply must hold exactly one row, as a verdict does."""
    optional: tuple[Column, ...] = ()
    """Columns that may be missing in a reply; they are empty then."""
    choices: dict[Column, tuple[Choice, ...]] = {}
    """The only texts a column may have; decoration as in **Yes.** or 2/2 is taken off."""

    @model_validator(mode="after")
    def _one_way(self) -> ParseSpec:
        if sum(map(bool, (self.tags, self.json_keys, self.parser))) != 1:
            raise ValueError("give one of tags: [...], json: [...], parser: NAME")
        if bool(self.makes) != bool(self.parser):
            raise ValueError("parser: NAME and makes: [COLUMNS] belong together")
        if self.parser and (self.optional or self.choices or self.blocks == "one"):
            raise ValueError("blocks, optional and choices belong to tags or json, not to parser")
        if len(set(self.columns)) < len(self.columns):
            raise ValueError("a tag is there twice")
        for column in (*self.optional, *self.choices):
            if column not in self.columns:
                raise ValueError(f"{column!r} is in optional or choices, but not read")
        for column, texts in self.choices.items():
            if len({text.casefold() for text in texts}) < max(2, len(texts)):
                raise ValueError(f"choices of {column!r}: give at least two different texts")
        return self

    @property
    def columns(self) -> tuple[str, ...]:
        return self.tags or self.json_keys or self.makes


class AskSpec(Spec):
    """Ask a model `samples` times with one prompt; what is read from each reply are rows."""

    prompt: str
    """Name of a Markdown file in prompts/, without .md."""
    into: Column | None = None
    """The column that takes the whole answer. Either this or parse."""
    parse: ParseSpec | None = None
    samples: PositiveInt = 1
    """How often each row is asked; a prompt may use {{ sample }} and {{ samples }}."""
    temperature: Annotated[float, Field(ge=0)] | None = None
    top_p: Annotated[float, Field(gt=0, le=1)] | None = None
    max_tokens: PositiveInt | None = None
    """The longest answer, in tokens."""
    thinking: bool | None = None
    """Whether the model thinks before it answers; absent: as the config says."""
    reasoning: Literal["drop", "keep"] = "drop"
    """keep: the model's thinking goes into the column `reasoning`."""
    model: str = "teacher"
    """The role of the model that is asked."""
    when: str | None = None
    """A condition over columns; where it does not hold nothing is asked, and what would have been
    read is empty."""
    continues: Name | None = None
    """Name of an ask before this one: this prompt's turns follow that conversation."""

    @model_validator(mode="after")
    def _one_target(self) -> AskSpec:
        if (self.into is None) == (self.parse is None):
            raise ValueError("give either into: COLUMN or parse: {...}")
        return self


class MeltSpec(Spec):
    """One row for each of some columns: its text in `value`, its name in `variable`."""

    columns: Annotated[tuple[Column, ...], Field(min_length=1)]
    value: Column
    """The column that takes the text."""
    variable: Column
    """The column that takes the name of the column the text came from."""


class FilterSpec(Spec):
    """Keep the rows for which a Jinja expression is true."""

    where: str
    """An expression over columns, e.g. "faithful == 'YES'"."""
    reason: str
    """A short fixed phrase: why the other rows are rejected."""


class SampleSpec(Spec):
    """Of the rows that one reply (or call, or melt) gave, keep some, chosen by hash."""

    rows: PositiveInt


class CallSpec(Spec):
    """Call your own function, decorated with @step in steps/*.py, with each row."""

    function: str
    makes: Annotated[tuple[Column, ...], Field(min_length=1)]
    """The columns the function gives."""


KINDS = ("ask", "melt", "filter", "set", "copy", "rename", "drop", "sample", "call")


class StepSpec(Spec):
    """One step: one key that names its kind, and optionally its name."""

    model_config = ConfigDict(json_schema_extra={"oneOf": [{"required": [kind]} for kind in KINDS]})

    ask: AskSpec | None = None
    melt: MeltSpec | None = None
    filter: FilterSpec | None = None
    set: dict[Column, str] | None = None
    """Columns made from Jinja templates: {COLUMN: TEMPLATE}."""
    copies: dict[Column, Column] | None = Field(default=None, alias="copy")
    """{NEW: OLD}: NEW is the same text as OLD."""
    rename: dict[Column, Column] | None = None
    """{NEW: OLD}: what was OLD is NEW."""
    drop: tuple[Column, ...] | None = None
    """Columns that later steps no longer have."""
    sample: SampleSpec | None = None
    call: CallSpec | None = None
    name: Name | None = None
    """What the step is called; default: its prompt's name, or its kind."""
    before: Name | None = None
    """With extends: the inherited step that this one comes before."""

    @model_validator(mode="after")
    def _one_kind(self) -> StepSpec:
        if sum(part is not None for part in self._parts().values()) != 1:
            raise ValueError(f"a step is one of: {', '.join(KINDS)}")
        return self

    def _parts(self) -> dict[str, Any]:
        return {kind: getattr(self, "copies" if kind == "copy" else kind) for kind in KINDS}

    @property
    def kind(self) -> str:
        return next(kind for kind, part in self._parts().items() if part is not None)

    @property
    def content(self) -> Any:
        """What stands below the step's kind."""
        return self._parts()[self.kind]


class Expects(Spec):
    """About how much a document gives, as the flow's author has seen it."""

    asks: PositiveFloat
    rows: PositiveFloat


class FlowSpec(Spec):
    """A flow: what is asked of a model about every document, and what becomes of the replies."""

    model_config = ConfigDict(
        title="closedbook flow",
        json_schema_extra={
            "required": ["flow"],
            "anyOf": [{"required": ["extends"]}, {"required": ["makes", "steps"]}],
        },
    )

    flow: Name
    """The flow's name."""
    makes: Makes
    """What becomes of the rows; it decides which columns they must end with."""
    steps: Annotated[tuple[StepSpec, ...], Field(min_length=1)]
    description: str = ""
    """One sentence on what the flow is for."""
    expects: Expects | None = None
    extends: str | None = None
    """Name of another flow, all of which this one has, unless it says otherwise."""
    change: dict[str, Any] = {}
    """With extends: {STEP: {KEY: VALUE}}, put over the inherited step; null takes a key away."""
    without: tuple[Name, ...] = ()
    """With extends: inherited steps that this flow does not have."""
