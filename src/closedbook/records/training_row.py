"""One row of a student's training mixture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from closedbook.records.completion import Message

LossPolicy = Literal["assistant", "all-but-system", "all"]


@dataclass(frozen=True, slots=True)
class TrainingRow:
    """A conversation to train on. `source` names the part of the mixture it came from; `loss`
    says which turns' tokens are learned; `document_id` is empty for replay rows. `thinking` tells
    the chat template whether the student thinks (None: nothing is said of it); what the student's
    profile switches by text stands in the messages, thinking itself in the assistant's."""

    source: str
    messages: tuple[Message, ...]
    loss: LossPolicy = "assistant"
    document_id: str = ""
    thinking: bool | None = None
