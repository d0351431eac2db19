"""What a student is trained on: `mix`, and the recipes it names."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, PositiveInt, field_validator, model_validator

from closedbook.config.section import Settings, Share

Kind = Literal["pairs", "study", "documents", "summaries", "replay"]
Form = Literal["closed_book", "passage", "open_book", "raft", "conversation"]
Loss = Literal["assistant", "all-but-system", "all"]
WHOLE_TEXTS = ("study", "documents")


class MixSource(Settings):
    """One part of a mixture: what its rows are made `of`, and how.

    `share` is its part of the whole, or `all`: every row it has. `per_document` caps its rows of
    one document. With `repeat` it starts again when it is used up; otherwise no row comes twice.
    `flows` keeps to what these flows made. Of `pairs` and `replay`, `thinking` switches the
    student's thinking on or off in its own way; pairs are in one `form`. `instructions` are what
    `summaries` are asked for with.
    """

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    of: Kind
    share: Share | Literal["all"] = 0.0
    flows: tuple[str, ...] = ()
    form: Form = "closed_book"
    thinking: bool | None = None
    distractors: PositiveInt = 3
    without_right: Share = 0.0
    instructions: tuple[str, ...] = ()
    loss: Loss | None = None
    per_document: PositiveInt | None = None
    repeat: bool = False

    @model_validator(mode="after")
    def _fits(self) -> MixSource:
        if self.share == "all" and self.repeat:
            raise ValueError("share: all gives every row once, it cannot repeat")
        if self.of != "pairs" and self.form != "closed_book":
            raise ValueError("form is for pairs")
        if self.thinking is not None and self.of not in ("pairs", "replay"):
            raise ValueError("thinking is for pairs and replay")
        if self.thinking and self.form == "conversation":
            raise ValueError("thinking needs one question a row, a conversation has several")
        if self.of in ("documents", "replay") and self.flows:
            raise ValueError("flows are for pairs, study and summaries")
        return self

    @property
    def policy(self) -> Loss:
        """Whose tokens are learned; texts to learn as they are are learned whole."""
        return self.loss or ("all" if self.of in WHOLE_TEXTS else "assistant")


class Recipe(Settings):
    """A mixture as a file says it; shares are of rows or of tokens."""

    recipe: str
    by: Literal["rows", "tokens"] = "tokens"
    sources: tuple[MixSource, ...]

    @field_validator("sources")
    @classmethod
    def _apart(cls, sources: tuple[MixSource, ...]) -> tuple[MixSource, ...]:
        # Not by min_length: then a mistake in the only source would be told as its absence.
        if not sources:
            raise ValueError("a recipe needs a source")
        names = [source.name for source in sources]
        if twice := next((name for name in names if names.count(name) > 1), None):
            raise ValueError(f"two sources are named {twice!r}")
        total = sum(source.share for source in sources if source.share != "all")
        if any(source.share == "all" for source in sources):
            if total >= 1:
                raise ValueError(f"the other shares add up to {total:g}, nothing is left for all")
        elif abs(total - 1) > 1e-6:
            raise ValueError(f"the shares add up to {total:g}, not 1")
        return sources


class Mix(Settings):
    """One arm's training mixture: `tokens` in all (null: as much as there is), made by a `recipe`,
    shipped or a file; `shares` are in the place of the recipe's own.

    `rows` takes the pairs and study texts as curated, or all that were generated. `replay` is
    "builtin" (rehearsal student only), "none", a JSONL file of chat messages or
    "hf:OWNER/DATASET[@REVISION][:SPLIT]". `repeat` lets every source with a number as its share
    start again. `shuffle_answers` exchanges the answers of the pairs among each other, with the
    thinking before them: a control that must not learn anything true.
    """

    tokens: PositiveInt | None = 520_000
    recipe: str = "rehearsal"
    shares: dict[str, Share] | None = None
    rows: Literal["curated", "generated"] = "curated"
    replay: str = "builtin"
    repeat: bool | None = None
    shuffle_answers: bool = False
    seed: int = 0

    @field_validator("shares")
    @classmethod
    def _sum_to_one(cls, shares: dict[str, Share] | None) -> dict[str, Share] | None:
        total = sum(shares.values()) if shares else 1.0
        if abs(total - 1) > 1e-6:
            raise ValueError(f"the shares add up to {total:g}, not 1")
        return shares

    @property
    def made_by(self) -> str:
        """The stage whose rows are mixed."""
        return "curate" if self.rows == "curated" else "generate"
