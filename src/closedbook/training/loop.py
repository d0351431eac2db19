"""The optimisation loop: encoded rows, in planned steps, into a model.

A plain loop on accelerate, which places the model and scales to a GPU. Knows no files, rows or
records; who calls it decides when to keep the state. Invariant: the state after a step depends
only on the plan, the settings and the model, so a run continued from a kept state ends like one
that was never stopped.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from accelerate import Accelerator  # type: ignore[import-untyped]
from torch.nn import functional

from closedbook.students.encode import IGNORED, Encoded

if TYPE_CHECKING:
    from transformers import PreTrainedModel

FINAL_RATE_SHARE = 0.05
"""The cosine ends at this share of the peak learning rate."""
GRADIENT_NORM = 1.0


@dataclass(frozen=True, slots=True)
class Schedule:
    """Linear warmup over `warmup` steps to `rate`, then a cosine over the rest of `steps`."""

    rate: float
    warmup: int
    steps: int

    def at(self, step: int) -> float:
        """The learning rate of the 0-based `step`."""
        if step < self.warmup:
            return self.rate * (step + 1) / self.warmup
        done = (step - self.warmup) / max(1, self.steps - self.warmup)
        wave = 0.5 * (1 + math.cos(math.pi * min(1.0, done)))
        return self.rate * (FINAL_RATE_SHARE + (1 - FINAL_RATE_SHARE) * wave)


@dataclass(frozen=True, slots=True)
class StepResult:
    """What one step did; `loss` is the mean over its learned tokens, in nats."""

    step: int
    loss: float
    learning_rate: float
    tokens: int
    loss_tokens: int


class Loop:
    """A model under optimisation. `state` and `restore` carry it over a crash."""

    def __init__(
        self,
        model: PreTrainedModel,
        optimizer: torch.optim.Optimizer,
        schedule: Schedule,
        pad_id: int,
    ) -> None:
        self._accelerator = Accelerator(mixed_precision=_precision())
        self._model, self._optimizer = self._accelerator.prepare(model, optimizer)
        self._schedule = schedule
        self._pad_id = pad_id
        self._step = 0

    @property
    def model(self) -> PreTrainedModel:
        """The model itself, out of what accelerate wrapped around it."""
        unwrapped: PreTrainedModel = self._accelerator.unwrap_model(self._model)
        return unwrapped

    def state(self) -> dict[str, Any]:
        """Everything the next step depends on."""
        return {
            "model": self.model.state_dict(),
            "optimizer": self._optimizer.state_dict(),
            "step": self._step,
        }

    def restore(self, state: dict[str, Any]) -> None:
        self.model.load_state_dict(state["model"])
        self._optimizer.load_state_dict(state["optimizer"])
        self._step = state["step"]

    def run(self, rows: Sequence[Encoded], steps: Sequence[Sequence[int]]) -> Iterator[StepResult]:
        """Take the steps that are left of the plan `steps`, yielding after each."""
        self._model.train()
        while self._step < len(steps):
            yield self.take([rows[index] for index in steps[self._step]])

    def take(self, batch: Sequence[Encoded]) -> StepResult:
        """One optimiser step on `batch`."""
        rate = self._schedule.at(self._step)
        for group in self._optimizer.param_groups:
            group["lr"] = rate
        ids, labels = self._padded(batch)
        # Padding stands on the right, where a causal model's earlier positions cannot see it, so
        # no mask is needed and attention takes its fast path.
        logits = self._model(input_ids=ids, use_cache=False).logits[:, :-1]
        loss = functional.cross_entropy(
            logits.float().reshape(-1, logits.shape[-1]),
            labels[:, 1:].reshape(-1),
            ignore_index=IGNORED,
        )
        self._accelerator.backward(loss)
        self._accelerator.clip_grad_norm_(self._model.parameters(), GRADIENT_NORM)
        self._optimizer.step()
        self._optimizer.zero_grad(set_to_none=True)
        self._step += 1
        return StepResult(
            step=self._step,
            loss=loss.item(),
            learning_rate=rate,
            tokens=sum(len(row.ids) for row in batch),
            loss_tokens=sum(row.loss_tokens for row in batch),
        )

    def _padded(self, batch: Sequence[Encoded]) -> tuple[torch.Tensor, torch.Tensor]:
        longest = max(len(row.ids) for row in batch)
        ids = torch.full((len(batch), longest), self._pad_id)
        labels = torch.full((len(batch), longest), IGNORED)
        for place, row in enumerate(batch):
            ids[place, : len(row.ids)] = torch.tensor(row.ids)
            labels[place, : len(row.ids)] = torch.tensor(row.labels)
        return ids.to(self._accelerator.device), labels.to(self._accelerator.device)


def adamw(model: PreTrainedModel, weight_decay: float) -> torch.optim.Optimizer:
    """AdamW as usual for language models; the schedule sets its rate."""
    return torch.optim.AdamW(_decayed_apart(model, weight_decay), betas=(0.9, 0.95), fused=True)


def _decayed_apart(model: PreTrainedModel, weight_decay: float) -> list[dict[str, Any]]:
    """Matrices decay, norms and biases do not."""
    parameters = [p for p in model.parameters() if p.requires_grad]
    return [
        {"params": [p for p in parameters if p.ndim >= 2], "weight_decay": weight_decay},
        {"params": [p for p in parameters if p.ndim < 2], "weight_decay": 0.0},
    ]


def _precision() -> str:
    return "bf16" if torch.cuda.is_available() and torch.cuda.is_bf16_supported() else "no"
