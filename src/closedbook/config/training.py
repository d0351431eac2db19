"""How a student is trained: `train`."""

from __future__ import annotations

from pydantic import PositiveFloat, PositiveInt

from closedbook.config.section import Settings, Share


class Train(Settings):
    """How one arm is trained. `batch_tokens` is the number of tokens per optimiser step, padding
    included; `save_minutes` is the most work a crash can cost."""

    epochs: PositiveFloat = 1.0
    learning_rate: PositiveFloat = 1.4e-3
    warmup_share: Share = 0.05
    batch_tokens: PositiveInt = 512
    max_length: PositiveInt = 512
    weight_decay: float = 0.01
    save_minutes: PositiveFloat = 5.0
    seed: int = 0
