"""How a student is trained: `train`."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import Field, PositiveFloat, PositiveInt, field_validator, model_validator

from closedbook.config.section import Settings, Share


class Lora(Settings):
    """Low-rank adapters on every linear layer in place of full fine-tuning. The published finding:
    they learn less and forget less; high ranks at ten times the learning rate come close."""

    rank: PositiveInt = 64
    alpha: PositiveInt = 128
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.0


class Instructlab(Settings):
    """The arguments of the instructlab trainer; the defaults are those of the published study."""

    epochs: PositiveInt = 5
    learning_rate: PositiveFloat = 5e-6
    effective_batch_size: PositiveInt = 256
    warmup_steps: Annotated[int, Field(ge=0)] = 25
    max_seq_len: PositiveInt = 20_000
    max_batch_len: PositiveInt = 25_000
    gpus: PositiveInt = 8


class Train(Settings):
    """How one arm is trained. `batch_tokens` is the number of tokens per optimiser step,
    `micro_tokens` how many are computed at a time (None: all); `save_minutes` is the most work a
    crash can cost. `checkpoint` says which of `candidates` states, evenly spaced, becomes the
    result: the last, the one with the lowest loss on held-out rows, or the one that answers most of
    the exam's `choose` questions."""

    trainer: Literal["loop", "instructlab"] = "loop"
    epochs: PositiveFloat = 1.0
    learning_rate: PositiveFloat = 1.4e-3
    warmup_share: Share = 0.05
    batch_tokens: PositiveInt = 512
    micro_tokens: PositiveInt | None = None
    max_length: PositiveInt = 512
    layout: Literal["auto", "padded", "packed"] = "auto"
    gradient_checkpointing: bool = False
    lora: Lora | None = None
    weight_decay: float = 0.01
    checkpoint: Literal["last", "loss", "exam"] = "last"
    candidates: PositiveInt = 5
    save_minutes: PositiveFloat = 5.0
    report_to: tuple[str, ...] = ()
    seed: int = 0
    instructlab: Instructlab = Instructlab()

    @field_validator("trainer", mode="before")
    @classmethod
    def _none_of_trl(cls, named: Any) -> Any:
        if str(named).lower() == "trl":
            told = "there is no trainer 'trl': rows are trained on as encoded, by our own 'loop'"
            raise ValueError(f"{told} (docs/decisions/0040)")
        return named

    @model_validator(mode="after")
    def _chosen_by_what_is_there(self) -> Self:
        if self.trainer == "instructlab" and self.checkpoint == "loss":
            raise ValueError("the instructlab trainer holds no rows out: checkpoint: last or exam")
        return self

    def of_the_result(self) -> dict[str, Any]:
        """The settings that decide what the student becomes, as JSON; the others may change
        between a kill and the next run."""
        beside = {"save_minutes", "micro_tokens", "gradient_checkpointing", "report_to"}
        if self.trainer == "loop":
            beside.add("instructlab")
        if self.checkpoint == "last":
            beside.add("candidates")
        return self.model_dump(mode="json", exclude=beside, exclude_none=True)
