"""The processes that train one student together, as torchrun starts them; alone, just one.

Knows nothing of rows or files. Weights, gradients and the optimiser's state are sharded over the
ranks by FSDP2 (torch's own `fully_shard`, which also runs on CPU ranks under gloo); what is saved
is gathered, so that a state can be taken up by another number of ranks.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import torch
from torch import distributed
from torch.distributed.checkpoint import state_dict as states
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.fsdp import MixedPrecisionPolicy, fully_shard

from closedbook.training import launched

if TYPE_CHECKING:
    from transformers import PreTrainedModel

PATIENCE = timedelta(hours=3)
"""How long ranks wait for each other: the first may write a checkpoint or hold an exam."""


@dataclass(frozen=True, slots=True)
class Ranks:
    """This process among the `size` that train together, and where it computes."""

    rank: int
    size: int
    device: torch.device

    @property
    def first(self) -> bool:
        """Whether this is the one that writes and tells."""
        return self.rank == 0

    @property
    def together(self) -> bool:
        return self.size > 1

    def shard(self, model: PreTrainedModel) -> None:
        """Spread the parameters over the ranks, block by block."""
        if not self.together:
            model.to(self.device)  # type: ignore[arg-type]
            return
        half = torch.bfloat16 if self.half else None
        policy = MixedPrecisionPolicy(param_dtype=half, reduce_dtype=torch.float32)
        mesh = init_device_mesh(self.device.type, (self.size,))
        blocks = set(model._no_split_modules or ())
        for module in list(model.modules()):
            if type(module).__name__ in blocks:
                fully_shard(module, mesh=mesh, mp_policy=policy)
        fully_shard(model, mesh=mesh, mp_policy=policy)

    @property
    def half(self) -> bool:
        """Whether matrices are multiplied in bfloat16; masters are float32 everywhere."""
        return self.device.type == "cuda" and torch.cuda.is_bf16_supported()

    def computing(self) -> Any:
        """The context of a forward pass."""
        autocast = self.half and not self.together
        return torch.autocast(self.device.type, torch.bfloat16, enabled=autocast)

    def total(self, value: float) -> float:
        """The sum over all ranks."""
        if not self.together:
            return value
        tensor = torch.tensor(value, dtype=torch.float64, device=self.device)
        distributed.all_reduce(tensor)
        return float(tensor)

    def wait(self) -> None:
        """Go on when all ranks are here."""
        self.total(0.0)

    def gather(self, model: PreTrainedModel, optimizer: torch.optim.Optimizer) -> dict[str, Any]:
        """Trained weights and the optimiser's state, whole, on the first rank's CPU; the others
        get nothing."""
        whole = states.StateDictOptions(
            full_state_dict=True, cpu_offload=True, ignore_frozen_params=True
        )
        weights, moments = states.get_state_dict(model, optimizer, options=whole)
        return {"model": weights, "optimizer": moments}

    def spread(
        self, model: PreTrainedModel, optimizer: torch.optim.Optimizer, state: dict[str, Any]
    ) -> None:
        """Take up what `gather` gave; every rank has the whole."""
        whole = states.StateDictOptions(full_state_dict=True, strict=False)
        states.set_state_dict(
            model,
            optimizer,
            model_state_dict=state["model"],
            optim_state_dict=state["optimizer"],
            options=whole,
        )


ALONE = Ranks(0, 1, torch.device("cpu"))


@contextmanager
def joined() -> Iterator[Ranks]:
    """The ranks that torchrun's environment tells of, for as long as the block runs."""
    size = launched.size()
    cuda = torch.cuda.is_available()
    device = torch.device("cuda", launched.local_rank()) if cuda else torch.device("cpu")
    if size == 1:
        yield Ranks(0, 1, device)
        return
    if cuda:
        torch.cuda.set_device(device)
    distributed.init_process_group("nccl" if cuda else "gloo", timeout=PATIENCE)
    try:
        yield Ranks(launched.rank(), size, device)
    finally:
        distributed.destroy_process_group()
