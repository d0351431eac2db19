"""p-values against scipy and statsmodels, exact small cases, and how often they cry wolf."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from closedbook.evaluation.significance import Flipping, holm, mcnemar, sign_flip

QUICK = Flipping(resamples=2000, seed=7)


def test_few_clusters_are_flipped_exhaustively() -> None:
    sums = np.array([3, 1, -1, 2, 0, 4.0])
    flipped = [
        abs(sum(sign * value for sign, value in zip(signs, sums, strict=True)))
        for signs in itertools.product((-1, 1), repeat=6)
    ]
    exact = sum(value >= 9 for value in flipped) / 64
    assert sign_flip(sums, QUICK) == exact


def test_means_of_several_answers_are_flipped_as_exactly() -> None:
    thirds = np.array([1 / 3, 2 / 3, 1 / 3, 1, -1 / 3])
    assert sign_flip(thirds, QUICK) == sign_flip(thirds * 3, QUICK)


def test_many_clusters_agree_with_scipys_permutation_test() -> None:
    from scipy import stats  # type: ignore[import-untyped]

    sums = np.random.default_rng(2).integers(-3, 5, size=30).astype(float)
    theirs = stats.permutation_test(
        (sums,), np.sum, permutation_type="samples", n_resamples=20_000, rng=3
    ).pvalue
    assert sign_flip(sums, Flipping(20_000, 4)) == pytest.approx(theirs, abs=0.01)


def test_p_is_never_zero() -> None:
    assert sign_flip(np.full(60, 8.0), Flipping(1000, 0)) == pytest.approx(1 / 1001)


def test_false_alarms_are_as_rare_as_p_says() -> None:
    random = np.random.default_rng(5)
    answers = random.random((2, 200, 20, 4)) < 0.5
    sums = answers[0].sum(axis=2) - answers[1].sum(axis=2).astype(float)
    alarms = sum(sign_flip(row, Flipping(1000, seed)) <= 0.05 for seed, row in enumerate(sums))
    assert alarms <= 20


@pytest.mark.parametrize(("gained", "lost"), [(0, 0), (3, 0), (7, 9), (40, 12), (900, 700)])
def test_mcnemar_is_that_of_statsmodels(gained: int, lost: int) -> None:
    from statsmodels.stats.contingency_tables import (  # type: ignore[import-untyped]
        mcnemar as theirs,
    )

    exact = theirs([[5, gained], [lost, 5]], exact=True).pvalue if gained + lost else 1.0
    assert mcnemar(gained, lost) == pytest.approx(exact, rel=1e-9)


def test_holm_is_that_of_statsmodels() -> None:
    from statsmodels.stats.multitest import multipletests  # type: ignore[import-untyped]

    values = list(np.random.default_rng(1).random(12) ** 3)
    assert holm(values) == pytest.approx(list(multipletests(values, method="holm")[1]))
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([]) == []
