"""Who learns: `student`, and what its kind changes in other sections."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from closedbook.config.section import Settings

DEFAULTS_FOR_STUDENT: dict[str, dict[str, dict[str, object]]] = {
    "huggingface": {
        "mix": {"recipe": "mixed-training", "tokens": None, "replay": "none"},
        "train": {
            "learning_rate": 1e-5,
            "batch_tokens": 32_768,
            "micro_tokens": 8192,
            "max_length": 4096,
        },
    },
}
"""What a kind of student changes in the defaults of `mix` and `train`, which are the rehearsal
student's (8B students: learning rates of 1e-6 to 1e-5 in the published recipes)."""


class RehearsalStudent(Settings):
    """The built-in tiny transformer, pretrained on other fictional worlds; runs on a CPU."""

    kind: Literal["rehearsal"]


class HuggingFaceStudent(Settings):
    """A causal language model with a chat template: a local folder or a name on the Hub."""

    kind: Literal["huggingface"]
    model: str = Field(min_length=1)
    revision: str = "main"


Student = Annotated[RehearsalStudent | HuggingFaceStudent, Field(discriminator="kind")]
