"""Which rows share a step."""

from __future__ import annotations

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from closedbook.training.batching import parts_of, plan_steps

unhurried = settings(max_examples=40)
lengths = st.lists(st.integers(1, 300), min_size=1, max_size=200)


@unhurried
@given(lengths, st.integers(0, 5))
def test_an_epoch_uses_every_row_once_and_keeps_to_the_size(rows: list[int], seed: int) -> None:
    steps = plan_steps(rows, 512, 1, seed)
    assert sorted(index for step in steps for index in step) == list(range(len(rows)))
    for step in steps:
        assert len(step) * max(rows[index] for index in step) <= 512


@unhurried
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


@unhurried
@given(lengths, st.integers(1, 900), st.booleans())
def test_parts_hold_every_row_of_a_step_once_and_keep_to_the_size(
    rows: list[int], tokens: int, packed: bool
) -> None:
    parts = parts_of(range(len(rows)), rows, tokens, packed=packed)
    assert sorted(index for part in parts for index in part) == list(range(len(rows)))
    for part in parts:
        used = [rows[index] for index in part]
        size = sum(used) if packed else len(part) * max(used)
        assert size <= tokens or len(part) == 1


@unhurried
@given(lengths, st.integers(100, 2000), st.integers(0, 5))
def test_steps_of_any_rows_use_every_row_once_and_are_even(
    rows: list[int], tokens: int, seed: int
) -> None:
    steps = plan_steps(rows, tokens, 1, seed, alike=False)
    assert sorted(index for step in steps for index in step) == list(range(len(rows)))
    for step in steps:
        assert sum(rows[index] for index in step) <= tokens + max(rows)


def test_padding_inside_a_step_of_256_rows_is_small() -> None:
    rows = [20 + (index * 37) % 400 for index in range(256)]
    parts = parts_of(range(256), rows, 8192)
    padded = sum(len(part) * max(rows[index] for index in part) for part in parts)
    assert padded / sum(rows) < 1.1


def test_packed_parts_are_nearly_full() -> None:
    rows = [20 + (index * 37) % 400 for index in range(256)]
    parts = parts_of(range(256), rows, 8192, packed=True)
    assert len(parts) * 8192 / sum(rows) < 1.15
