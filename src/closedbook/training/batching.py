"""Which rows share an optimiser step.

Knows lengths only. Rows of like length are padded together inside windows of shuffled rows, so
that padding stays small and steps still see a mixture. Invariants: deterministic in the seed;
every row is used once per epoch; no batch is larger than `batch_tokens`, padding included, unless
it is one row.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

WINDOW_BATCHES = 12
"""Steps' worth of shuffled rows that are sorted by length together."""


def plan_steps(
    lengths: Sequence[int], batch_tokens: int, epochs: float, seed: int
) -> list[list[int]]:
    """Row indices per optimiser step over `epochs` passes; the last pass may be a fraction."""
    random = Random(f"steps/{seed}")
    steps: list[list[int]] = []
    remaining = epochs
    while remaining > 0:
        order = list(range(len(lengths)))
        random.shuffle(order)
        taken = order[: max(1, round(len(order) * min(1.0, remaining)))]
        steps.extend(_one_pass(taken, lengths, batch_tokens, random))
        remaining -= 1
    return steps


def _one_pass(
    order: list[int], lengths: Sequence[int], batch_tokens: int, random: Random
) -> list[list[int]]:
    steps: list[list[int]] = []
    for window in _windows(order, lengths, WINDOW_BATCHES * batch_tokens):
        batches: list[list[int]] = []
        for index in sorted(window, key=lengths.__getitem__):
            if batches and lengths[index] * (len(batches[-1]) + 1) <= batch_tokens:
                batches[-1].append(index)
            else:
                batches.append([index])
        random.shuffle(batches)
        steps.extend(batches)
    return steps


def _windows(order: list[int], lengths: Sequence[int], tokens: int) -> list[list[int]]:
    windows: list[list[int]] = [[]]
    filled = 0
    for index in order:
        if filled >= tokens:
            windows.append([])
            filled = 0
        windows[-1].append(index)
        filled += lengths[index]
    return windows
