"""Which rows share a step."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from closedbook.training.batching import plan_steps

lengths = st.lists(st.integers(1, 300), min_size=1, max_size=200)


@given(lengths, st.integers(0, 5))
def test_an_epoch_uses_every_row_once_and_keeps_to_the_size(rows: list[int], seed: int) -> None:
    steps = plan_steps(rows, 512, 1, seed)
    assert sorted(index for step in steps for index in step) == list(range(len(rows)))
    for step in steps:
        assert len(step) * max(rows[index] for index in step) <= 512


@given(lengths, st.integers(0, 5))
def test_the_plan_depends_on_the_seed_only(rows: list[int], seed: int) -> None:
    assert plan_steps(rows, 512, 1.5, seed) == plan_steps(rows, 512, 1.5, seed)


def test_two_and_a_half_epochs() -> None:
    steps = plan_steps([10] * 100, 50, 2.5, 0)
    used = Counter(index for step in steps for index in step)
    assert sum(used.values()) == 250
    assert set(used.values()) == {2, 3}


def test_a_row_longer_than_a_step_stands_alone() -> None:
    assert [0] in plan_steps([900, 10, 10], 100, 1, 0)


def test_padding_is_small() -> None:
    rows = [20 + (index * 37) % 200 for index in range(1000)]
    steps = plan_steps(rows, 1024, 1, 0)
    padded = sum(len(step) * max(rows[index] for index in step) for step in steps)
    assert padded / sum(rows) < 1.1
