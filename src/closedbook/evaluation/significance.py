"""Whether a difference could be chance: permutation of documents, McNemar's test, Holm's steps.

Knows numbers, not exams. Invariants: the p of a permutation is never 0; the same
seed gives the same p.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from math import comb

import numpy as np
from numpy.typing import NDArray

EXACT_FLIPS = 12
"""Up to this many differing clusters all 2^n sign flips are tried."""
ROUNDING = 1e-9
"""Sums this close are equal: they are sums of means of a few answers."""
BLOCK = 2_000_000
"""Signs held in memory at once."""


@dataclass(frozen=True, slots=True)
class Flipping:
    """How many random sign patterns are tried, and from which seed."""

    resamples: int = 10_000
    seed: int = 0


def sign_flip(sums: NDArray[np.float64], how: Flipping) -> float:
    """Two-sided p that the sums of the clusters are symmetric about 0.

    Clusters without a difference change nothing and are left out. All sign patterns are tried for
    up to EXACT_FLIPS clusters; beyond that `how.resamples` random ones, and the observed pattern
    counts as one of them.
    """
    differing = sums[np.abs(sums) > ROUNDING]
    least = abs(float(differing.sum())) - ROUNDING
    if len(differing) <= EXACT_FLIPS:
        patterns = np.array(list(itertools.product((-1, 1), repeat=len(differing))), dtype=float)
        return float(np.mean(np.abs(patterns @ differing) >= least))
    generator = np.random.default_rng(how.seed)
    extreme, together = 0, max(1, BLOCK // len(differing))
    for start in range(0, how.resamples, together):
        size = (min(together, how.resamples - start), len(differing))
        signs = generator.integers(2, size=size, dtype=np.int8) * 2.0 - 1
        extreme += int((np.abs(signs @ differing) >= least).sum())
    return (1 + extreme) / (1 + how.resamples)


def mcnemar(gained: int, lost: int) -> float:
    """McNemar's exact two-sided p: gained and lost questions as throws of a fair coin (1947,
    Psychometrika 12:153-157). It takes questions for independent."""
    flips = gained + lost
    tail = sum(comb(flips, k) for k in range(min(gained, lost) + 1))
    return min(1.0, 2 * tail / (1 << flips))


def holm(p_values: Sequence[float]) -> list[float]:
    """Holm's step-down adjustment (1979, Scand. J. Stat. 6:65-70), in the order given."""
    adjusted = [1.0] * len(p_values)
    highest = 0.0
    for rank, index in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        highest = max(highest, min(1.0, (len(p_values) - rank) * p_values[index]))
        adjusted[index] = highest
    return adjusted
