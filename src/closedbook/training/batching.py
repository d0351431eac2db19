"""Which rows share an optimiser step, and which of these are computed together.

Knows lengths only. Rows of like length share a small step, drawn from windows of shuffled rows, so
that padding stays small and steps still see a mixture. The rows of a large one are drawn at random,
and the parts it is computed in are of like length. Invariants:
deterministic in the seed; every row is used once per epoch; no part is larger than asked, padding
included, unless it is one row; what a step holds does not depend on how it is parted.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from closedbook.students.batching import batches_alike

WINDOW_BATCHES = 12
"""Steps' worth of shuffled rows that are sorted by length together."""
WORTH_COMPUTING = 0.25
"""Share of its most tokens from which on a part is better closed than padded much."""
SHORTEST = 0.8
"""The shortest row of such a part, as a share of its longest."""


def plan_steps(
    lengths: Sequence[int],
    batch_tokens: int,
    epochs: float,
    seed: int,
    *,
    alike: bool = True,
) -> list[list[int]]:
    """Row indices per optimiser step over `epochs` passes; the last pass may be a fraction. With
    `alike` a step holds rows of like length, `batch_tokens` with padding; else any rows, so many
    tokens without it."""
    random = Random(f"steps/{seed}")
    steps: list[list[int]] = []
    remaining = epochs
    while remaining > 0:
        order = list(range(len(lengths)))
        random.shuffle(order)
        taken = order[: max(1, round(len(order) * min(1.0, remaining)))]
        if alike:
            steps.extend(_one_pass(taken, lengths, batch_tokens, random))
        else:
            steps.extend(_filled(taken, lengths, batch_tokens))
        remaining -= 1
    return steps


def parts_of(
    step: Sequence[int], lengths: Sequence[int], tokens: int, *, packed: bool = False
) -> list[list[int]]:
    """The rows of a step in parts of at most `tokens` tokens, the costliest part first: padded to
    the longest row of the part, or `packed` one after the other."""
    order = sorted(step, key=lambda index: (-lengths[index], index))
    return _packed(order, lengths, tokens) if packed else _padded(order, lengths, tokens)


def _one_pass(
    order: list[int], lengths: Sequence[int], batch_tokens: int, random: Random
) -> list[list[int]]:
    steps: list[list[int]] = []
    for window in _windows(order, lengths, WINDOW_BATCHES * batch_tokens):
        batches = batches_alike(lengths, batch_tokens, window)
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


def _filled(order: list[int], lengths: Sequence[int], tokens: int) -> list[list[int]]:
    """Consecutive rows up to so many tokens, as even as can be: no small step at the end."""
    total = sum(lengths[index] for index in order)
    steps: list[list[int]] = [[] for _ in range(max(1, -(-total // tokens)))]
    before = 0
    for index in order:
        steps[before * len(steps) // total].append(index)
        before += lengths[index]
    return [step for step in steps if step]


def _padded(order: list[int], lengths: Sequence[int], tokens: int) -> list[list[int]]:
    """`order` begins with the longest row. A part that is worth computing takes no row that would
    be padded by more than a fifth."""
    parts: list[list[int]] = []
    for index in order:
        longest = lengths[parts[-1][0]] if parts else 0
        size = longest * len(parts[-1]) if parts else 0
        padded = size >= WORTH_COMPUTING * tokens and lengths[index] < SHORTEST * longest
        if parts and size + longest <= tokens and not padded:
            parts[-1].append(index)
        else:
            parts.append([index])
    return parts


def _packed(order: list[int], lengths: Sequence[int], tokens: int) -> list[list[int]]:
    """Best fit: every row goes where the least room is left that still takes it."""
    parts: list[list[int]] = []
    room: list[int] = []
    for index in order:
        fitting = [place for place, left in enumerate(room) if left >= lengths[index]]
        if fitting:
            place = min(fitting, key=room.__getitem__)
            parts[place].append(index)
            room[place] -= lengths[index]
        else:
            parts.append([index])
            room.append(tokens - lengths[index])
    return parts
