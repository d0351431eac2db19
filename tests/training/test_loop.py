"""A step is what its rows say, however they are parted, laid out or attended to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import pytest
import torch
from torch import Tensor
from torch._subclasses import FakeTensorMode
from transformers import (
    LlamaConfig,
    LlamaForCausalLM,
    MistralConfig,
    MistralForCausalLM,
    PreTrainedModel,
)

from closedbook.errors import TrainingError
from closedbook.students.encode import Encoded
from closedbook.students.labelling import IGNORED
from closedbook.training import packing
from closedbook.training.batching import parts_of
from closedbook.training.loop import Loop, Schedule, adamw
from closedbook.training.packing import keeps_apart, pack, use_packed_attention

CPU = torch.device("cpu")


def rows(count: int = 7) -> list[Encoded]:
    """Rows of different lengths, of which the second half is learned."""
    generator = torch.Generator().manual_seed(0)
    made = []
    for number in range(count):
        ids = torch.randint(2, 60, (4 + 3 * number,), generator=generator).tolist()
        half = len(ids) // 2
        made.append(Encoded(ids, [IGNORED] * half + ids[half:]))
    return made


def llama() -> LlamaForCausalLM:
    """With grouped queries, as most models have them."""
    torch.manual_seed(1)
    return LlamaForCausalLM(
        LlamaConfig(
            vocab_size=64,
            hidden_size=32,
            intermediate_size=48,
            num_hidden_layers=2,
            num_attention_heads=4,
            num_key_value_heads=2,
        )
    )


def parted(made: Sequence[Encoded], tokens: int, *, packed: bool = False) -> list[list[Encoded]]:
    lengths = [len(row.ids) for row in made]
    parts = parts_of(range(len(made)), lengths, tokens, packed=packed)
    return [[made[place] for place in part] for part in parts]


def after_two_steps(parts: list[list[Encoded]], *, packed: bool = False) -> tuple[float, Tensor]:
    model = llama()
    if packed:
        use_packed_attention(model)
    optimizer = partial(adamw, weight_decay=0.1)
    loop = Loop(model, optimizer, Schedule(1e-2, 1, 10), 0, packed=packed)
    loop.take(parts)
    loss = loop.take(parts).loss
    return loss, torch.cat([parameter.detach().flatten() for parameter in model.parameters()])


def test_parts_do_not_change_a_step() -> None:
    whole, weights = after_two_steps([rows()])
    parts = parted(rows(), 40)
    assert len(parts) >= 4
    loss, same = after_two_steps(parts)
    assert loss == pytest.approx(whole, abs=1e-5)
    torch.testing.assert_close(same, weights, atol=2e-4, rtol=0)


def test_the_loss_is_the_mean_over_learned_tokens_not_over_rows_or_parts() -> None:
    model = llama()
    summed, learned = 0.0, 0
    with torch.no_grad():
        for row in rows():
            logits = model(input_ids=torch.tensor([row.ids])).logits[0, :-1]
            targets = torch.tensor(row.labels[1:])
            summed += torch.nn.functional.cross_entropy(logits, targets, reduction="sum").item()
            learned += row.loss_tokens
    loop = Loop(model, partial(adamw, weight_decay=0), Schedule(1e-2, 1, 10), 0)
    assert loop.mean_loss(parted(rows(), 30)) == pytest.approx(summed / learned, abs=1e-5)
    result = loop.take(parted(rows(), 30))
    assert result.loss == pytest.approx(summed / learned, abs=1e-5)
    assert result.loss_tokens == learned


def test_packed_and_padded_rows_make_the_same_step() -> None:
    padded, weights = after_two_steps([rows()])
    loss, same = after_two_steps(parted(rows(), 60, packed=True), packed=True)
    assert loss == pytest.approx(padded, abs=1e-5)
    torch.testing.assert_close(same, weights, atol=2e-4, rtol=0)


def sliding() -> MistralForCausalLM:
    """Every token sees five."""
    torch.manual_seed(1)
    return MistralForCausalLM(
        MistralConfig(
            vocab_size=64,
            hidden_size=32,
            intermediate_size=48,
            num_hidden_layers=2,
            num_attention_heads=4,
            num_key_value_heads=2,
            sliding_window=5,
        )
    )


@pytest.mark.parametrize("make", [llama, sliding])
def test_packed_rows_do_not_see_each_other(
    make: Callable[[], PreTrainedModel], monkeypatch: pytest.MonkeyPatch
) -> None:
    model = make().train(False)
    made = rows()[2:5]
    with torch.no_grad():
        alone = [model(input_ids=torch.tensor([row.ids])).logits[0] for row in made]
        use_packed_attention(model)
        packed = pack(made, CPU)
        together = packed.logits(model, torch.arange(packed.ids.shape[1]))
        torch.testing.assert_close(together, torch.cat(alone), atol=1e-5, rtol=0)
        assert keeps_apart(model, CPU)

        def all_as_one(flat: Sequence[Tensor], bounds: Tensor, *more: object) -> Tensor:
            return one_by_one(flat, bounds[[0, -1]], None, None)

        one_by_one = packing._one_by_one
        monkeypatch.setattr(packing, "_one_by_one", all_as_one)
        assert not keeps_apart(model, CPU)


def test_a_rows_first_token_is_no_target_of_the_row_before() -> None:
    packed = pack([Encoded([5, 6], [5, 6]), Encoded([7, 8], [7, 8])], CPU)
    assert packed.labels.tolist() == [[IGNORED, 6, IGNORED, 8]]
    assert packed.positions.tolist() == [[0, 1, 0, 1]]
    assert packed.bounds.tolist() == [0, 2, 4]


def test_attention_that_cannot_be_packed_is_found_out() -> None:
    model = llama()
    packed = pack(rows(), CPU)
    use_packed_attention(model)
    with pytest.raises(NotImplementedError, match="cannot be packed"):
        model(input_ids=packed.ids, position_ids=packed.positions)


def test_a_loss_that_is_no_number_changes_nothing() -> None:
    model = llama()
    loop = Loop(model, partial(adamw, weight_decay=0), Schedule(1e-2, 1, 10), 0)
    loop.take([rows()])
    with torch.no_grad():
        model.lm_head.weight[3] = float("nan")
    before = [parameter.clone() for parameter in model.parameters()]
    with pytest.raises(TrainingError, match="the loss became nan at step 2") as caught:
        loop.take([rows()])
    assert "learning_rate" in caught.value.hint
    for now, then in zip(model.parameters(), before, strict=True):
        torch.testing.assert_close(now.detach(), then, equal_nan=True)


def test_the_kernel_for_cuda_takes_what_it_is_given() -> None:
    """Shapes, types and arguments only: without a GPU nothing is computed."""
    with FakeTensorMode():
        query = torch.empty(50, 4, 16, requires_grad=True)
        key, value = (torch.empty(50, 2, 16, dtype=torch.bfloat16) for _ in "kv")
        bounds = torch.empty(8, dtype=torch.int32)
        attended = packing._by_kernel([query, key, value], bounds, 22, 0.25, 5)
        attended.float().sum().backward()  # type: ignore[no-untyped-call]
    assert attended.shape == (50, 4, 16)
    assert attended.dtype == torch.bfloat16
    assert query.grad is not None
