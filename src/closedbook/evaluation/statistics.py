"""How sure a score is, and whether two arms differ, when questions come in documents.

Questions about one document are not independent, so the document (the *cluster*) is what varies
here, never the single question (Miller 2024, arXiv:2411.00640, section 2.2). A score is 0 or 1, or
the mean of several answers to one question. Knows scores, not exams, arms or files. Invariants:
nothing depends on the order of the questions; no interval has zero width; each holds its estimate.

Standard errors are of the jackknife that leaves out one document at a time, and quantiles are of
Student's t with one degree of freedom less than there are documents.

- Share: Wilson's score interval (1927, JASA 22:209-212) with the number of independent questions
  that would have this standard error, R (1 - R) / SE^2, as its n (Franco et al. 2019, J. Surv.
  Stat. Methodol. 7:334-364).
- Difference: estimate +- t SE, the variance as if one more question had changed sides, so that few
  changes do not look like certainty (in the spirit of Agresti & Min 2005, Stat. Med. 24:729-740).
- Relative difference: the same on the scale of log(arm / reference); where either has no right
  answer left without one of the documents, the interval of the difference over the reference.
- Where all documents agree (0 %, 100 %, two arms alike) the jackknife sees nothing. Then each
  document counts as one observation, the largest design effect there can be; a difference combines
  the intervals of gained and lost questions (Zou & Donner 2008, Stat. Med. 27:1693-1702).

How often they cover the truth is measured in docs/results.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from math import exp, inf, log, pi, sqrt, tan
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from closedbook.evaluation.significance import Flipping, sign_flip
from closedbook.records import Interval, Method

Values = NDArray[np.float64]

CONFIDENCE = 0.95
POWER = 0.8
ALIKE = 1e-12
"""Cluster means this close are equal: they are means of a few zeros and ones."""

_NORMAL = NormalDist()
_TAIL = (1 + CONFIDENCE) / 2


@dataclass(frozen=True, slots=True)
class Share:
    """What share of `n` was right; `method` says where its interval comes from."""

    n: int
    value: float
    interval: Interval
    method: Method


@dataclass(frozen=True, slots=True)
class Difference:
    """Arm minus reference on the same questions. `relative` is the difference over the reference's
    share, None (as its interval) where that is 0. `detectable` is the true difference that 80 of
    100 exams like this one would have told from 0; None with a single document."""

    value: float
    interval: Interval
    method: Method
    p: float
    relative: float | None
    relative_interval: Interval | None
    detectable: float | None


def share(
    right: Sequence[float], asked: Sequence[float], clusters: Sequence[str], answers: int
) -> Share:
    """The share of right answers with its interval.

    `right[i]` of `asked[i]` (a score and 1, or numbers of answers) is what question i, which is
    about document `clusters[i]`, adds; `answers` bounds how much all of them can be worth. Raises
    ValueError without questions.
    """
    sums, sizes = _per_cluster([right, asked], clusters)
    value = float(sums.sum() / sizes.sum())
    n, count = round(float(sizes.sum())), len(sums)
    if _alike(sums / sizes):
        return Share(n, value, _around(value, wilson(value, count), 0, 1), "documents")
    variance = _jackknife((sums.sum() - sums) / (sizes.sum() - sizes))
    worth = min(value * (1 - value) / variance, answers)
    interval = wilson(value, worth, student_t(_TAIL, count - 1))
    return Share(n, value, _around(value, interval, 0, 1), "clustered")


def difference(
    arm: Sequence[float], reference: Sequence[float], clusters: Sequence[str], how: Flipping
) -> Difference:
    """Arm minus reference, question by question: `arm[i]` and `reference[i]` are the scores (0 to
    1) of question i, which is about document `clusters[i]`. Raises ValueError without questions."""
    changes = [first - second for first, second in zip(arm, reference, strict=True)]
    columns = [arm, reference, changes, [abs(c) for c in changes], [1.0] * len(changes)]
    ours, theirs, sums, moved, sizes = _per_cluster(columns, clusters)
    n, count = float(sizes.sum()), len(sizes)
    value, before = float(sums.sum() / n), float(theirs.sum() / n)
    added = _one_more(sums, moved)
    relative = None
    if _alike(sums / sizes):
        method: Method = "documents"
        gained, lost = (float((moved + side * sums).sum() / (2 * n)) for side in (1, -1))
        interval = _of_flips(gained, lost, count)
        error, quantile = (interval[1] - interval[0]) / 2 / _NORMAL.inv_cdf(_TAIL), _NORMAL.inv_cdf
    else:
        method, quantile = "clustered", partial(student_t, freedom=count - 1)
        error = (_jackknife((sums.sum() - sums) / (n - sizes)) + added / n**2) ** 0.5
        interval = (value - quantile(_TAIL) * error, value + quantile(_TAIL) * error)
        relative = _relative(ours, theirs, added)
    if before and relative is None:
        relative = (interval[0] / before, interval[1] / before)
    return Difference(
        value=value,
        interval=_around(value, interval, -1, 1),
        method=method,
        p=sign_flip(sums, how),
        relative=value / before if relative else None,
        relative_interval=_around(value / before, relative, -1, inf) if relative else None,
        detectable=min((quantile(_TAIL) + quantile(POWER)) * error, 1.0) if count > 1 else None,
    )


def wilson(value: float, n: float, z: float = _NORMAL.inv_cdf(_TAIL)) -> Interval:
    """Wilson's score interval of a share observed on `n` independent units."""
    centre = (value + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z * (value * (1 - value) / n + z**2 / (4 * n**2)) ** 0.5 / (1 + z**2 / n)
    return max(centre - half, 0.0), min(centre + half, 1.0)


def student_t(level: float, freedom: int) -> float:
    """Quantile of Student's t: exact for one and two degrees of freedom, else the Cornish-Fisher
    expansion (Abramowitz & Stegun 26.7.5), within 1 % at 97.5 %."""
    if freedom == 1:
        return tan(pi * (level - 0.5))
    if freedom == 2:
        return (2 * level - 1) / sqrt(2 * level * (1 - level))
    z = _NORMAL.inv_cdf(level)
    return (
        z
        + (z**3 + z) / (4 * freedom)
        + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * freedom**2)
        + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * freedom**3)
    )


def _per_cluster(columns: Sequence[Sequence[float]], clusters: Sequence[str]) -> list[Values]:
    """Sums of each column per cluster, clusters in the order of their names."""
    if not clusters or any(len(column) != len(clusters) for column in columns):
        raise ValueError(f"{len(columns[0])} answers in {len(clusters)} clusters")
    names, index = np.unique(np.asarray(clusters), return_inverse=True)
    made = [np.bincount(index, np.asarray(column, float), len(names)) for column in columns]
    return [column.astype(np.float64) for column in made]


def _alike(means: Values) -> bool:
    return float(np.ptp(means)) < ALIKE


def _jackknife(left_out: Values) -> float:
    """The variance of an estimate from its values without one cluster each."""
    count = len(left_out)
    return float((count - 1) / count * ((left_out - left_out.mean()) ** 2).sum())


def _one_more(sums: Values, moved: Values) -> float:
    """What one more changed question adds to the sum of squares, if it is like those there are;
    at least its own square."""
    there = float(moved.sum())
    return max(float((sums**2).sum()) / there, 1.0) if there else 1.0


def _relative(ours: Values, theirs: Values, added: float) -> Interval | None:
    """The interval of ours / theirs - 1; None where logarithms say nothing: no right answer left
    without one of the clusters."""
    first, second = float(ours.sum()), float(theirs.sum())
    without, without_theirs = first - ours, second - theirs
    if min(float(without.min()), float(without_theirs.min())) <= 0:
        return None
    variance = _jackknife(np.log(without / without_theirs)) + added / (first * second)
    reach = student_t(_TAIL, len(ours) - 1) * variance**0.5
    centre = log(first / second)
    return exp(centre - reach) - 1, exp(centre + reach) - 1


def _of_flips(gained: float, lost: float, n: int) -> Interval:
    """Interval of gained - lost from Wilson intervals of both shares."""
    (gained_low, gained_high), (lost_low, lost_high) = wilson(gained, n), wilson(lost, n)
    low = ((gained - gained_low) ** 2 + (lost_high - lost) ** 2) ** 0.5
    high = ((gained_high - gained) ** 2 + (lost - lost_low) ** 2) ** 0.5
    return gained - lost - low, gained - lost + high


def _around(value: float, interval: Interval, least: float, most: float) -> Interval:
    """The interval within its scale, holding the estimate itself."""
    return max(least, min(interval[0], value)), min(most, max(interval[1], value))
