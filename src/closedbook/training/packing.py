"""Rows one after the other in a single sequence, none of which sees another.

Packing needs no padding. What keeps the rows apart is the attention: on CUDA torch's kernel for
sequences of different lengths, elsewhere each row alone; positions begin anew with every row. A
model whose attention cannot be replaced, or that carries memory along the sequence in another way,
would mix rows silently, so `keeps_apart` tries it first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor
from torch.nn import functional
from torch.nn.attention.varlen import varlen_attn

from closedbook.students.encode import Encoded
from closedbook.students.labelling import IGNORED

if TYPE_CHECKING:
    from transformers import PreTrainedModel

NAME = "closedbook_packed"
"""Under this name transformers knows our attention."""
MOST_DIFFERENCE = 0.05
"""Of the largest logit, so that bfloat16 passes; rows that see each other differ by far more."""


@dataclass(frozen=True, slots=True)
class Packed:
    """Rows as one: `ids`, `labels` and `positions` of shape (1, tokens), the `bounds` between rows
    (rows + 1 int32, from 0), the `longest` row."""

    ids: Tensor
    labels: Tensor
    positions: Tensor
    bounds: Tensor
    longest: int

    def logits(self, model: PreTrainedModel, places: Tensor) -> Tensor:
        """What the model foresees after the tokens at `places`: (places, vocabulary)."""
        output = model(
            input_ids=self.ids,
            position_ids=self.positions,
            use_cache=False,
            logits_to_keep=places,
            cu_seq_lens_q=self.bounds,
            cu_seq_lens_k=self.bounds,
            max_length_q=self.longest,
            max_length_k=self.longest,
        )
        logits: Tensor = output.logits[0]
        return logits if logits.shape[0] == len(places) else logits[places]


def pack(rows: Sequence[Encoded], device: torch.device) -> Packed:
    """The rows one after the other; a row's first token is never a target."""
    lengths = [len(row.ids) for row in rows]
    ids = torch.cat([torch.as_tensor(row.ids, dtype=torch.long) for row in rows])
    labels = torch.cat([torch.as_tensor(row.labels, dtype=torch.long) for row in rows])
    positions = torch.cat([torch.arange(length) for length in lengths])
    labels[positions == 0] = IGNORED
    bounds = torch.tensor([0, *lengths]).cumsum(0).to(torch.int32)
    return Packed(
        ids[None].to(device),
        labels[None].to(device),
        positions[None].to(device),
        bounds.to(device),
        max(lengths),
    )


def use_packed_attention(model: PreTrainedModel) -> str:
    """Put our attention in the place of the model's; returns the name of what was there."""
    from transformers import AttentionInterface

    AttentionInterface.register(NAME, attend)
    before = str(model.config._attn_implementation)
    model.set_attn_implementation(NAME)
    return before


@torch.no_grad()
def keeps_apart(model: PreTrainedModel, device: torch.device) -> bool:
    """Whether a row's logits are the same with another row before it as alone; the model's
    attention must be ours."""
    rows = [Encoded(ids, ids) for ids in (tuple(range(2, 9)), tuple(range(5, 17)))]
    places = torch.arange(len(rows[1].ids), device=device)
    try:
        alone = pack(rows[1:], device).logits(model, places)
        second = pack(rows, device).logits(model, places + len(rows[0].ids))
    except (TypeError, ValueError, NotImplementedError):
        return False
    return bool((alone - second).abs().max() <= MOST_DIFFERENCE * alone.abs().max())


def attend(
    module: torch.nn.Module,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None = None,
    **more: Any,
) -> tuple[Tensor, None]:
    """Causal attention within each row of a packed sequence, as transformers calls it: query, key
    and value are (1, heads, tokens, width), the result is (1, tokens, heads, width).

    Raises NotImplementedError for what neither kernel does: sinks, capped logits, no bounds.
    """
    del module, attention_mask
    bounds: Tensor | None = more.get("cu_seq_lens_q")
    if bounds is None or more.get("softcap") or more.get("s_aux") is not None:
        raise NotImplementedError("this attention cannot be packed")
    scaling, window = more.get("scaling"), more.get("sliding_window")
    flat = [states[0].transpose(0, 1) for states in (query, key, value)]
    if query.is_cuda:
        attended = _by_kernel(flat, bounds, int(more["max_length_q"]), scaling, window)
    else:
        attended = _one_by_one(flat, bounds, scaling, window)
    return attended.to(query.dtype)[None], None


def _by_kernel(
    flat: Sequence[Tensor], bounds: Tensor, longest: int, scaling: float | None, window: int | None
) -> Tensor:
    """Flash attention over sequences of different lengths; it takes half precision only."""
    kind = flat[2].dtype if flat[2].dtype != torch.float32 else torch.bfloat16
    query, key, value = (states.to(kind) for states in flat)
    attended = varlen_attn(
        query,
        key,
        value,
        bounds,
        bounds,
        longest,
        longest,
        scale=scaling,
        window_size=(-1 if window is None else window - 1, 0),
        enable_gqa=query.shape[1] != key.shape[1],
    )
    assert isinstance(attended, Tensor)  # noqa: S101 - a tuple only if more was asked for
    return attended


def _one_by_one(
    flat: Sequence[Tensor], bounds: Tensor, scaling: float | None, window: int | None
) -> Tensor:
    parts = []
    for start, end in torch.stack([bounds[:-1], bounds[1:]], dim=1).tolist():
        query, key, value = (states[start:end].transpose(0, 1)[None] for states in flat)
        near = _window_mask(end - start, window) if window and end - start > window else None
        part = functional.scaled_dot_product_attention(
            query,
            key,
            value,
            attn_mask=near,
            is_causal=near is None,
            scale=scaling,
            enable_gqa=query.shape[1] != key.shape[1],
        )
        parts.append(part[0].transpose(0, 1))
    return torch.cat(parts)


def _window_mask(length: int, window: int) -> Tensor:
    """Which keys each query sees: itself and the `window` - 1 before it."""
    distance = torch.arange(length)[:, None] - torch.arange(length)[None, :]
    return (distance >= 0) & (distance < window)
