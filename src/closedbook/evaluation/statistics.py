"""How sure a score is, and whether two arms differ, when questions come in documents.

Questions about one document are not independent, so the document (the *cluster*) is what is
resampled and flipped here, never the single question (Miller 2024, arXiv:2411.00640, section 2.2).
Knows right and wrong, not exams, arms or files. Invariants: nothing depends on the order of the
questions; the same seed gives the same figures; no interval has zero width.

- Interval: BCa bootstrap over clusters (Efron 1987, JASA 82:171-185), with the percentiles moved
  outwards for few clusters as for Student's t ("expanded", Hesterberg 2015, Am. Stat. 69:371-386,
  section 5.2). How often it covers is measured in docs/results.md.
- Where fewer than three clusters depart from the rest (0 %, 100 %, a lone wrong answer, one to
  three clusters) resampling sees almost nothing, so each cluster counts as one observation:
  Wilson's score interval (1927, JASA 22:209-212) for a share, and for a difference the shares of
  gained and lost questions combined as by Zou & Donner 2008 (Stat. Med. 27:1693-1702). This is the
  largest design effect clusters of these sizes can have; it errs on the wide side.
- p: sign-flip permutation of whole clusters. Several comparisons: Holm 1979 (Scand. J. Stat. 6).
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from closedbook.records import Interval, Method

Counts = NDArray[np.int64]

CONFIDENCE = 0.95
EXACT_FLIPS = 12
"""Up to this many differing clusters all 2^n sign flips are tried."""
FEWEST_DEPARTING = 3
BLOCK = 2_000_000
"""Cells of a resampling matrix held in memory at once."""

_NORMAL = NormalDist()


@dataclass(frozen=True, slots=True)
class Share:
    """A share of right answers; `method` says where its interval comes from."""

    value: float
    interval: Interval
    method: Method
    n: int
    clusters: int


@dataclass(frozen=True, slots=True)
class Difference:
    """Arm minus reference on the same questions. `gained` counts wrong -> right, `lost` right ->
    wrong; `relative` is the difference over the reference's share, None where that is 0."""

    value: float
    interval: Interval
    method: Method
    p: float
    relative: float | None
    gained: int
    lost: int
    n: int
    clusters: int


@dataclass(frozen=True, slots=True)
class Resampling:
    """How many resamples (bootstrap and permutation) and from which seed."""

    resamples: int = 10_000
    seed: int = 0


def share(correct: Sequence[bool], clusters: Sequence[str], how: Resampling) -> Share:
    """The share of right answers with its interval.

    `correct[i]` says whether question i was answered rightly, `clusters[i]` which document it is
    about. Raises ValueError without questions.
    """
    sums, sizes = _per_cluster(np.asarray(correct, dtype=np.int64), clusters)
    value = float(sums.sum() / sizes.sum())
    method: Method = "bca"
    if _departing(sums, sizes) < FEWEST_DEPARTING:
        method, interval = "wilson", wilson(value, len(sums))
    else:
        interval = bca(sums, sizes, how)
    return Share(value, _around(value, interval, 0.0, 1.0), method, len(correct), len(sums))


def difference(
    arm: Sequence[bool], reference: Sequence[bool], clusters: Sequence[str], how: Resampling
) -> Difference:
    """Arm minus reference, question by question: `arm[i]` and `reference[i]` answer question i,
    which is about document `clusters[i]`. Raises ValueError without questions."""
    first, second = (np.asarray(row, dtype=np.int64) for row in (arm, reference))
    sums, sizes = _per_cluster(first - second, clusters)
    gained, lost = int((first > second).sum()), int((first < second).sum())
    value = float(sums.sum() / sizes.sum())
    before = float(second.mean())
    method: Method = "bca"
    if _departing(sums, sizes) < FEWEST_DEPARTING:
        method, interval = "wilson", _of_flips(gained / len(first), lost / len(first), len(sums))
    else:
        interval = bca(sums, sizes, how)
    return Difference(
        value=value,
        interval=_around(value, interval, -1.0, 1.0),
        method=method,
        p=sign_flip(sums, how),
        relative=value / before if before else None,
        gained=gained,
        lost=lost,
        n=len(first),
        clusters=len(sums),
    )


def bca(sums: Counts, sizes: Counts, how: Resampling) -> Interval:
    """The expanded BCa interval of sum(sums) / sum(sizes), both per cluster, over clusters.

    z0 is the normal quantile of the share of resamples below the estimate (ties half), a the
    skewness of the leave-one-cluster-out estimates / 6 (Efron 1987, eq. 6.6 and 7.4). Needs three
    clusters that are not all alike.
    """
    count = len(sums)
    estimate = sums.sum() / sizes.sum()
    replicates = np.concatenate(list(_resampled(sums, sizes, how)))
    below = float(np.mean(replicates < estimate) + np.mean(replicates <= estimate)) / 2
    z0 = _NORMAL.inv_cdf(min(max(below, 0.5 / len(replicates)), 1 - 0.5 / len(replicates)))
    left_out = (sums.sum() - sums) / (sizes.sum() - sizes)
    centred = left_out.mean() - left_out
    acceleration = float((centred**3).sum() / (6 * (centred**2).sum() ** 1.5))
    reach = student_t((1 + CONFIDENCE) / 2, count - 1) * (count / (count - 1)) ** 0.5
    levels = [_bca_level(z0 + side * reach, z0, acceleration) for side in (-1, 1)]
    low, high = np.quantile(replicates, levels)
    return float(low), float(high)


def wilson(value: float, n: float) -> Interval:
    """Wilson's score interval of a share observed on `n` independent units."""
    z = _NORMAL.inv_cdf((1 + CONFIDENCE) / 2)
    centre = (value + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z * (value * (1 - value) / n + z**2 / (4 * n**2)) ** 0.5 / (1 + z**2 / n)
    return max(centre - half, 0.0), min(centre + half, 1.0)


def sign_flip(sums: Counts, how: Resampling) -> float:
    """Two-sided p that the cluster sums are symmetric about 0.

    Clusters without a difference change nothing and are left out. All sign patterns are tried for
    up to EXACT_FLIPS clusters; beyond that `how.resamples` random ones, and the observed pattern
    counts as one of them, so that p is never 0.
    """
    differing = sums[sums != 0]
    observed = abs(int(differing.sum()))
    if len(differing) <= EXACT_FLIPS:
        patterns = np.array(list(itertools.product((-1, 1), repeat=len(differing))), dtype=np.int64)
        return float(np.mean(np.abs(patterns @ differing) >= observed))
    generator = np.random.default_rng(how.seed)
    extreme = 0
    for rows in _blocks(how.resamples, len(differing)):
        signs = 2 * generator.integers(2, size=(rows, len(differing))) - 1
        extreme += int((np.abs(signs @ differing) >= observed).sum())
    return (1 + extreme) / (1 + how.resamples)


def holm(p_values: Sequence[float]) -> list[float]:
    """Holm's step-down adjustment, in the order given."""
    adjusted = [1.0] * len(p_values)
    highest = 0.0
    for rank, index in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        highest = max(highest, min(1.0, (len(p_values) - rank) * p_values[index]))
        adjusted[index] = highest
    return adjusted


def student_t(level: float, freedom: int) -> float:
    """Quantile of Student's t by the Cornish-Fisher expansion (Abramowitz & Stegun 26.7.5);
    within 1 % for 3 or more degrees of freedom at 97.5 %."""
    z = _NORMAL.inv_cdf(level)
    return (
        z
        + (z**3 + z) / (4 * freedom)
        + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * freedom**2)
        + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * freedom**3)
    )


def _per_cluster(values: Counts, clusters: Sequence[str]) -> tuple[Counts, Counts]:
    """Sum and number of values per cluster, clusters in the order of their names."""
    if len(values) == 0 or len(values) != len(clusters):
        raise ValueError(f"{len(values)} answers in {len(clusters)} clusters")
    names, index = np.unique(np.asarray(clusters), return_inverse=True)
    sums = np.zeros(len(names), dtype=np.int64)
    np.add.at(sums, index, values)
    return sums, np.bincount(index).astype(np.int64)


def _departing(sums: Counts, sizes: Counts) -> int:
    """How many clusters differ from the commonest cluster mean."""
    _, common = np.unique(sums / sizes, return_counts=True)
    return len(sums) - int(common.max())


def _resampled(sums: Counts, sizes: Counts, how: Resampling) -> Iterator[NDArray[np.float64]]:
    generator = np.random.default_rng(how.seed)
    for rows in _blocks(how.resamples, len(sums)):
        drawn = generator.integers(len(sums), size=(rows, len(sums)))
        yield sums[drawn].sum(axis=1) / sizes[drawn].sum(axis=1)


def _blocks(total: int, width: int) -> Iterator[int]:
    rows = max(1, BLOCK // max(width, 1))
    for start in range(0, total, rows):
        yield min(rows, total - start)


def _bca_level(z: float, z0: float, acceleration: float) -> float:
    # Past its pole the correction would turn round; the extreme percentile is its limit.
    room = max(1 - acceleration * z, 1e-9)
    return _NORMAL.cdf(z0 + z / room)


def _of_flips(gained: float, lost: float, n: int) -> Interval:
    """Interval of gained - lost from Wilson intervals of both shares (Zou & Donner 2008)."""
    (gained_low, gained_high), (lost_low, lost_high) = wilson(gained, n), wilson(lost, n)
    low = ((gained - gained_low) ** 2 + (lost_high - lost) ** 2) ** 0.5
    high = ((gained_high - gained) ** 2 + (lost - lost_low) ** 2) ** 0.5
    return gained - lost - low, gained - lost + high


def _around(value: float, interval: Interval, least: float, most: float) -> Interval:
    """The interval within its scale, holding the estimate itself."""
    return max(least, min(interval[0], value)), min(most, max(interval[1], value))
