"""Low-rank adapters in place of full fine-tuning (peft). Invariant: what is saved is a whole model
without adapters, that any engine reads."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, cast

from closedbook.config import Lora
from closedbook.errors import MissingExtra

if TYPE_CHECKING:
    from transformers import PreTrainedModel


def with_adapters(model: PreTrainedModel, settings: Lora | None) -> PreTrainedModel:
    """The model with adapters on every linear layer, the rest of it frozen; itself without
    settings."""
    if settings is None:
        return model
    try:
        from peft import LoraConfig, get_peft_model
    except ImportError:
        raise MissingExtra("train", "peft") from None
    config = LoraConfig(
        task_type="CAUSAL_LM",
        r=settings.rank,
        lora_alpha=settings.alpha,
        lora_dropout=settings.dropout,
        target_modules="all-linear",
    )
    with warnings.catch_warnings():
        # peft 0.21 asks transformers in words that 5.23 calls outdated.
        warnings.simplefilter("ignore", FutureWarning)
        return cast("PreTrainedModel", get_peft_model(model, config))


def without_adapters(model: PreTrainedModel, settings: Lora | None) -> PreTrainedModel:
    """The model with its adapters multiplied into its matrices."""
    if settings is None:
        return model
    return cast("PreTrainedModel", model.merge_and_unload())  # type: ignore[operator]
