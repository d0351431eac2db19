"""Which texts are computed together: those of like length, so that padding is small."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def batches_alike(
    lengths: Sequence[int], tokens: int, places: Iterable[int] | None = None
) -> list[list[int]]:
    """The `places` in `lengths` (all, if none are given) in batches of up to `tokens`, padding
    included, the shortest first."""
    batches: list[list[int]] = []
    for place in sorted(range(len(lengths)) if places is None else places, key=lengths.__getitem__):
        if batches and lengths[place] * (len(batches[-1]) + 1) <= tokens:
            batches[-1].append(place)
        else:
            batches.append([place])
    return batches
