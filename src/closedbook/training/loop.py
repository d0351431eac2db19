"""The optimisation loop: encoded rows, in planned steps, into a model.

A plain loop on torch; `ranks` places and shards the model. Knows no files, rows or records; who
calls it decides when to keep the state. Invariants: a step's loss is the mean over all its learned
tokens, however it is parted and over however many ranks; the state after a step depends only on the
plan, the settings and the model, so a run continued from a kept state ends like one that was never
stopped.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor
from torch.distributed.tensor import DTensor
from torch.nn import functional

from closedbook.errors import TrainingError
from closedbook.students.encode import Encoded
from closedbook.students.labelling import IGNORED
from closedbook.training.packing import pack
from closedbook.training.ranks import ALONE, Ranks

if TYPE_CHECKING:
    from transformers import PreTrainedModel

FINAL_RATE_SHARE = 0.05
"""The cosine ends at this share of the peak learning rate."""
GRADIENT_NORM = 1.0
Part = Sequence[Encoded]
"""Rows that are computed at a time."""
NOTHING = (Encoded((0, 0), (IGNORED, IGNORED)),)
"""The part of a rank that has none left: all ranks must compute equally often."""


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
    """A model under optimisation. `state` and `restore` carry it over a crash.

    `optimizer` makes the optimiser of the model, which by then is placed and sharded. With
    `packed` the model's attention must be that of `packing`.
    """

    def __init__(
        self,
        model: PreTrainedModel,
        optimizer: Callable[[PreTrainedModel], torch.optim.Optimizer],
        schedule: Schedule,
        pad_id: int,
        ranks: Ranks = ALONE,
        *,
        packed: bool = False,
    ) -> None:
        ranks.shard(model)
        self.model = model
        self.step = 0
        self.whole = True
        """Whether weights and `step` agree, as they do not while a step is applied."""
        self._optimizer = optimizer(model)
        self._schedule = schedule
        self._pad_id = pad_id
        self._ranks = ranks
        self._packed = packed

    def state(self) -> dict[str, Any]:
        """Everything the next step depends on; all ranks must ask, the first gets it."""
        return {**self._ranks.gather(self.model, self._optimizer), "step": self.step}

    def restore(self, state: dict[str, Any]) -> None:
        self._ranks.spread(self.model, self._optimizer, state)
        self.step = state["step"]

    def take(self, parts: Sequence[Part]) -> StepResult:
        """One optimiser step on all parts together; every rank is given all of them.

        Raises TrainingError if loss or gradient is not finite; the model is as before then.
        """
        rate = self._schedule.at(self.step)
        for group in self._optimizer.param_groups:
            group["lr"] = rate
        self.model.train()
        self._optimizer.zero_grad(set_to_none=True)
        learned = sum(row.loss_tokens for part in parts for row in part)
        loss = self._ranks.total(self._accumulate(parts, learned))
        norm = torch.nn.utils.clip_grad_norm_(self.model.parameters(), GRADIENT_NORM)
        for name, value in (("loss", loss), ("gradient's norm", float(_whole(norm)))):
            if not math.isfinite(value):
                raise TrainingError(
                    f"the {name} became {value} at step {self.step + 1}",
                    hint="lower train.learning_rate",
                )
        self.whole = False
        self._optimizer.step()
        self.step += 1
        self.whole = True
        return StepResult(
            step=self.step,
            loss=loss,
            learning_rate=rate,
            tokens=sum(len(row.ids) for part in parts for row in part),
            loss_tokens=learned,
        )

    def _accumulate(self, parts: Sequence[Part], learned: int) -> float:
        """Gradients of this rank's parts; returns what they add to the mean loss of the step."""
        added = 0.0
        for part in self._mine(parts):
            loss = self._summed(part) / learned
            # Sharded gradients are averaged over the ranks; the mean is over tokens instead.
            (loss * self._ranks.size).backward()  # type: ignore[no-untyped-call]
            added += float(loss.detach())
        return added

    @torch.no_grad()
    def mean_loss(self, parts: Sequence[Part]) -> float:
        """The mean loss over rows that are not learned from; every rank is given all parts."""
        self.model.train(False)
        added = sum(float(self._summed(part)) for part in self._mine(parts))
        return self._ranks.total(added) / sum(row.loss_tokens for part in parts for row in part)

    def _mine(self, parts: Sequence[Part]) -> Iterator[Part]:
        """What of the parts this rank computes."""
        for start in range(0, len(parts), self._ranks.size):
            place = start + self._ranks.rank
            yield parts[place] if place < len(parts) else NOTHING

    def _summed(self, part: Part) -> Tensor:
        """The sum of the losses of a part's learned tokens."""
        with self._ranks.computing():
            logits, targets = self._in_a_row(part) if self._packed else self._side_by_side(part)
        return functional.cross_entropy(
            logits.float(), targets, ignore_index=IGNORED, reduction="sum"
        )

    def _in_a_row(self, part: Part) -> tuple[Tensor, Tensor]:
        """Logits and targets of the learned tokens only."""
        packed = pack(part, self._ranks.device)
        targets = torch.cat([packed.labels[0, 1:], packed.labels.new_full((1,), IGNORED)])
        places = (targets != IGNORED).nonzero()[:, 0]
        if not len(places):
            places = torch.zeros(1, dtype=torch.long, device=targets.device)
        return packed.logits(self.model, places), targets[places]

    def _side_by_side(self, part: Part) -> tuple[Tensor, Tensor]:
        """Padding stands on the right, where a causal model's earlier positions cannot see it, so
        no mask is needed and attention takes its fast path."""
        longest = max(len(row.ids) for row in part)
        ids = torch.full((len(part), longest), self._pad_id)
        labels = torch.full((len(part), longest), IGNORED)
        for place, row in enumerate(part):
            ids[place, : len(row.ids)] = torch.as_tensor(row.ids)
            labels[place, : len(row.ids)] = torch.as_tensor(row.labels)
        device = self._ranks.device
        logits = self.model(input_ids=ids.to(device), use_cache=False).logits[:, :-1]
        return logits.reshape(-1, logits.shape[-1]), labels.to(device)[:, 1:].reshape(-1)


def adamw(model: PreTrainedModel, weight_decay: float) -> torch.optim.Optimizer:
    """AdamW as usual for language models; the schedule sets its rate."""
    return torch.optim.AdamW(_decayed_apart(model, weight_decay), betas=(0.9, 0.95), fused=True)


def _decayed_apart(model: PreTrainedModel, weight_decay: float) -> list[dict[str, Any]]:
    """Matrices decay, norms and biases do not."""
    parameters = [p for p in model.parameters() if p.requires_grad]
    decayed = [p for p in parameters if p.ndim >= 2]
    others = [p for p in parameters if p.ndim < 2]
    groups = [(decayed, weight_decay), (others, 0.0)]
    return [{"params": chosen, "weight_decay": decay} for chosen, decay in groups if chosen]


def _whole(norm: Tensor) -> Tensor:
    """A norm that may be spread over the ranks."""
    whole: Tensor = norm.full_tensor() if isinstance(norm, DTensor) else norm
    return whole
