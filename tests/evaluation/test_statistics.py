"""The statistics against scipy, against exact small cases, and against the truth in simulation."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats  # type: ignore[import-untyped]

from closedbook.evaluation import statistics as ours
from closedbook.evaluation.statistics import Resampling, difference, holm, share

QUICK = Resampling(resamples=2000, seed=7)


def sample(
    clusters: int, rate: float, seed: int, least: int = 2, most: int = 12
) -> tuple[list[bool], list[str]]:
    """Answers whose rate differs from document to document, and their documents."""
    random = np.random.default_rng(seed)
    names, correct = [], []
    for cluster in range(clusters):
        size = int(random.integers(least, most + 1))
        own = random.beta(9 * rate, 9 * (1 - rate))
        names += [f"document {cluster}"] * size
        correct += [bool(value) for value in random.random(size) < own]
    return correct, names


def totals(
    values: Sequence[int], names: Sequence[str]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    keys = sorted(set(names))
    rows = [[v for v, name in zip(values, names, strict=True) if name == key] for key in keys]
    return np.array([sum(row) for row in rows]), np.array([len(row) for row in rows])


def ratio(sums: NDArray[np.int64], sizes: NDArray[np.int64], axis: int = -1) -> Any:
    return sums.sum(axis=axis) / sizes.sum(axis=axis)


@pytest.mark.parametrize(("clusters", "rate"), [(8, 0.5), (26, 0.9), (40, 0.25), (115, 0.97)])
def test_interval_equals_scipys_bca_on_the_same_resamples(clusters: int, rate: float) -> None:
    """scipy computes z0, acceleration and percentiles from our replicates; its confidence level
    is set to what the expansion for few clusters means."""
    correct, names = sample(clusters, rate, seed=clusters)
    sums, sizes = totals([int(value) for value in correct], names)
    replicates = np.concatenate(list(ours._resampled(sums, sizes, QUICK)))
    factor = (clusters / (clusters - 1)) ** 0.5
    level = 1 - 2 * stats.norm.sf(stats.t.ppf(0.975, clusters - 1) * factor)
    theirs = stats.bootstrap(
        (sums, sizes),
        ratio,
        n_resamples=0,
        paired=True,
        vectorized=True,
        confidence_level=level,
        method="BCa",
        bootstrap_result=SimpleNamespace(bootstrap_distribution=replicates),
    ).confidence_interval
    assert share(correct, names, QUICK).interval == pytest.approx(tuple(theirs), abs=2e-3)


def test_interval_agrees_with_scipys_own_resampling() -> None:
    correct, names = sample(200, 0.6, seed=3)
    sums, sizes = totals([int(value) for value in correct], names)
    theirs = stats.bootstrap(
        (sums, sizes), ratio, n_resamples=9999, paired=True, method="BCa", rng=1
    ).confidence_interval
    found = share(correct, names, Resampling(10_000, 2))
    assert found.value == pytest.approx(np.mean(correct))
    assert found.interval == pytest.approx(tuple(theirs), abs=4e-3)
    assert found.method == "bca"


def test_students_t_agrees_with_scipy() -> None:
    for freedom in range(5, 60):
        exact = stats.t.ppf(0.975, freedom)
        assert ours.student_t(0.975, freedom) == pytest.approx(exact, rel=2e-3)


def test_wilson_agrees_with_scipy() -> None:
    for right, n in [(0, 40), (40, 40), (13, 40), (1, 3)]:
        exact = stats.binomtest(right, n).proportion_ci(0.95, method="wilson")
        assert ours.wilson(right / n, n) == pytest.approx(tuple(exact), abs=1e-6)


@pytest.mark.parametrize(
    ("clusters", "rate", "trials"), [(12, 0.5, 250), (40, 0.25, 250), (40, 0.95, 250)]
)
def test_intervals_cover_the_truth_about_as_often_as_they_say(
    clusters: int, rate: float, trials: int
) -> None:
    covered = 0
    for seed in range(trials):
        correct, names = sample(clusters, rate, seed=1000 + seed, least=8, most=8)
        low, high = share(correct, names, Resampling(1000, seed)).interval
        covered += low <= rate <= high
    assert 0.91 <= covered / trials <= 0.99


def test_clusters_widen_the_interval_of_answers_that_go_together() -> None:
    together = [cluster % 2 == 0 for cluster in range(20) for _ in range(10)]
    documents = [f"d{cluster}" for cluster in range(20) for _ in range(10)]
    alone = [f"q{index}" for index in range(200)]
    clustered, naive = (share(together, names, QUICK).interval for names in (documents, alone))
    assert clustered[1] - clustered[0] > 2.5 * (naive[1] - naive[0])


@pytest.mark.parametrize("wrong", [0, 1, 2])
def test_near_a_hundred_per_cent_documents_count_as_single_observations(wrong: int) -> None:
    names = [f"d{index // 8}" for index in range(320)]
    correct = [index >= wrong * 8 or index % 8 != 0 for index in range(320)]
    found = share(correct, names, QUICK)
    assert found.method == "wilson"
    assert found.interval == pytest.approx(ours.wilson(1 - wrong / 320, 40))
    assert found.interval[0] < 0.92


def test_one_document_says_almost_nothing_about_others() -> None:
    low, high = share([True, False] * 20, ["only"] * 40, QUICK).interval
    assert high - low > 0.8


def test_no_questions_is_an_error() -> None:
    with pytest.raises(ValueError, match="0 answers"):
        share([], [], QUICK)


@given(st.lists(st.tuples(st.booleans(), st.booleans(), st.integers(0, 9)), min_size=1))
def test_figures_do_not_depend_on_order_and_intervals_have_width(
    rows: list[tuple[bool, bool, int]],
) -> None:
    how = Resampling(200, 1)

    def figures(rows: list[tuple[bool, bool, int]]) -> tuple[Any, Any]:
        first, second, names = zip(*[(a, b, f"d{c}") for a, b, c in rows], strict=True)
        return share(first, names, how), difference(first, second, names, how)

    assert figures(rows) == figures(rows[::-1])
    for found in figures(rows):
        assert found.interval[0] <= found.value <= found.interval[1]
        assert found.interval[0] < found.interval[1]


def test_difference_counts_flips_and_relates_to_the_reference() -> None:
    base = [True, False, False, False] * 10
    arm = [False, True, True, True] * 9 + base[:4]
    names = [f"d{index // 4}" for index in range(40)]
    found = difference(arm, base, names, QUICK)
    assert (found.gained, found.lost, found.n, found.clusters) == (27, 9, 40, 10)
    assert found.value == pytest.approx(18 / 40)
    assert found.relative == pytest.approx(18 / 10)
    assert difference(arm, [False] * 40, names, QUICK).relative is None


def test_pairing_makes_the_difference_surer_than_its_parts() -> None:
    hard, names = sample(40, 0.5, seed=5)
    arm = [value or index % 10 == 0 for index, value in enumerate(hard)]
    found = difference(arm, hard, names, QUICK)
    parts = [share(answers, names, QUICK).interval for answers in (arm, hard)]
    width = found.interval[1] - found.interval[0]
    assert found.interval[0] > 0
    assert width < 0.6 * min(high - low for low, high in parts)


def test_arms_that_agree_everywhere_differ_by_nothing_but_not_surely() -> None:
    correct, names = sample(40, 0.9, seed=1)
    found = difference(correct, correct, names, QUICK)
    assert (found.value, found.p, found.method) == (0, 1, "wilson")
    assert found.interval == pytest.approx((-0.0876, 0.0876), abs=1e-4)


def test_all_wrong_to_all_right_is_bounded_and_wide_enough() -> None:
    names = [f"d{index // 8}" for index in range(320)]
    found = difference([True] * 320, [False] * 320, names, QUICK)
    assert found.interval[1] == 1
    assert 0.8 < found.interval[0] < 0.95


def test_few_clusters_are_flipped_exhaustively() -> None:
    sums = np.array([3, 1, -1, 2, 0, 4])
    flipped = [
        abs(sum(sign * value for sign, value in zip(signs, sums, strict=True)))
        for signs in itertools.product((-1, 1), repeat=6)
    ]
    exact = sum(value >= 9 for value in flipped) / 64
    assert ours.sign_flip(sums, QUICK) == exact


def test_many_clusters_agree_with_scipys_permutation_test() -> None:
    random = np.random.default_rng(2)
    sums = random.integers(-3, 5, size=30)
    theirs = stats.permutation_test(
        (sums,), np.sum, permutation_type="samples", n_resamples=20_000, rng=3
    ).pvalue
    assert ours.sign_flip(sums, Resampling(20_000, 4)) == pytest.approx(theirs, abs=0.01)


def test_p_is_never_zero() -> None:
    assert ours.sign_flip(np.full(60, 8), Resampling(1000, 0)) == pytest.approx(1 / 1001)


def test_false_alarms_are_as_rare_as_p_says() -> None:
    alarms = 0
    for seed in range(200):
        arm, names = sample(20, 0.5, seed=seed, least=4, most=4)
        base, _ = sample(20, 0.5, seed=9000 + seed, least=4, most=4)
        alarms += difference(arm, base, names, Resampling(1000, seed)).p <= 0.05
    assert alarms <= 20


def test_holm_by_hand() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.6, 0.7]) == [1.0, 1.0]
    assert holm([]) == []
