"""The statistics against independent implementations, exact small cases and known truths."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from closedbook.evaluation import statistics as ours
from closedbook.evaluation.significance import Flipping
from closedbook.evaluation.statistics import Share, difference

QUICK = Flipping(resamples=2000, seed=7)


@pytest.fixture(scope="module")
def stats() -> Any:
    return importlib.import_module("scipy.stats")


def share(correct: Sequence[float], names: Sequence[str]) -> Share:
    return ours.share(correct, [1.0] * len(correct), names, len(correct))


def sample(
    clusters: int, rate: float, seed: int, least: int = 2, most: int = 12
) -> tuple[list[float], list[str]]:
    """Answers whose rate differs from document to document, and their documents."""
    random = np.random.default_rng(seed)
    names, correct = [], []
    for cluster in range(clusters):
        size = int(random.integers(least, most + 1))
        own = random.beta(9 * rate, 9 * (1 - rate))
        names += [f"document {cluster}"] * size
        correct += [float(value) for value in random.random(size) < own]
    return correct, names


def robust_error(values: Sequence[float], names: Sequence[str]) -> float:
    """The cluster-robust standard error of the mean, by statsmodels: OLS on a constant."""
    from statsmodels.regression.linear_model import OLS  # type: ignore[import-untyped]

    groups = np.unique(names, return_inverse=True)[1]
    constant: NDArray[np.float64] = np.ones(len(values))
    fitted = OLS(np.asarray(values), constant).fit(cov_type="cluster", cov_kwds={"groups": groups})
    return float(fitted.bse[0])


@pytest.mark.parametrize(("clusters", "rate"), [(8, 0.5), (26, 0.9), (40, 0.25), (115, 0.97)])
def test_the_error_of_a_difference_is_that_of_cluster_robust_regression(
    clusters: int, rate: float, stats: Any
) -> None:
    arm, names = sample(clusters, rate, seed=clusters, least=8, most=8)
    base, _ = sample(clusters, 0.5, seed=1000 + clusters, least=8, most=8)
    changes = np.array(arm) - np.array(base)
    found = difference(arm, base, names, QUICK)
    half = (found.interval[1] - found.value) / stats.t.ppf(0.975, clusters - 1)
    squares = sum(changes[place : place + 8].sum() ** 2 for place in range(0, len(changes), 8))
    one_more = max(squares / np.abs(changes).sum(), 1) / len(changes) ** 2
    assert half**2 - one_more == pytest.approx(robust_error(changes, names) ** 2, rel=0.01)


def test_with_documents_of_many_sizes_it_stays_close_to_regression(stats: Any) -> None:
    arm, names = sample(115, 0.6, seed=3)
    base, _ = sample(115, 0.6, seed=3)
    base = [value if place % 3 else 1 - value for place, value in enumerate(base)]
    found = difference(arm, base, names, QUICK)
    reach = robust_error(np.array(arm) - np.array(base), names) * stats.t.ppf(0.975, 114)
    assert found.interval[1] - found.value == pytest.approx(reach, rel=0.03)


def test_intervals_agree_with_scipys_bootstrap_over_documents(stats: Any) -> None:
    correct, names = sample(200, 0.6, seed=3)
    keys = {name: place for place, name in enumerate(dict.fromkeys(names))}
    index = [keys[name] for name in names]
    sums, sizes = np.bincount(index, correct), np.bincount(index)

    def ratio(sums: Any, sizes: Any, axis: int = -1) -> Any:
        return sums.sum(axis=axis) / sizes.sum(axis=axis)

    theirs = stats.bootstrap(
        (sums, sizes), ratio, n_resamples=4999, paired=True, method="BCa", rng=1
    ).confidence_interval
    found = share(correct, names)
    assert found.value == pytest.approx(np.mean(correct))
    assert found.interval == pytest.approx(tuple(theirs), abs=5e-3)
    assert found.method == "clustered"


def test_a_relative_difference_agrees_with_scipys_bootstrap_over_documents(stats: Any) -> None:
    arm, names = sample(200, 0.8, seed=4, least=8, most=8)
    base, _ = sample(200, 0.3, seed=5, least=8, most=8)
    sums = [np.array(answers).reshape(200, 8).sum(axis=1) for answers in (arm, base)]

    def related(ours: Any, theirs: Any, axis: int = -1) -> Any:
        return ours.sum(axis=axis) / theirs.sum(axis=axis) - 1

    theirs = stats.bootstrap(
        sums, related, n_resamples=4999, paired=True, method="BCa", rng=1
    ).confidence_interval
    found = difference(arm, base, names, QUICK)
    assert found.relative == pytest.approx(sum(arm) / sum(base) - 1)
    assert found.relative_interval == pytest.approx(tuple(theirs), abs=0.04)


def test_students_t_agrees_with_scipy(stats: Any) -> None:
    for freedom in (1, 2, 3, 4, 5, 10, 25, 264):
        exact = stats.t.ppf(0.975, freedom)
        assert ours.student_t(0.975, freedom) == pytest.approx(exact, rel=1e-2)


def test_wilson_agrees_with_scipy(stats: Any) -> None:
    for right, n in [(0, 40), (40, 40), (13, 40), (1, 3)]:
        exact = stats.binomtest(right, n).proportion_ci(0.95, method="wilson")
        assert ours.wilson(right / n, n) == pytest.approx(tuple(exact), abs=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize(("clusters", "rate"), [(26, 0.9), (115, 0.97)])
def test_intervals_cover_the_truth_about_as_often_as_they_say(clusters: int, rate: float) -> None:
    """`benchmarks/intervals.py` says it more exactly: with 300 samples 95 % is 91 to 98 %."""
    covered = 0
    for seed in range(300):
        correct, names = sample(clusters, rate, seed=1000 + seed, least=8, most=8)
        low, high = share(correct, names).interval
        covered += low <= rate <= high
    assert 0.91 <= covered / 300 <= 0.98


@pytest.mark.slow
def test_the_difference_of_two_arms_near_a_hundred_per_cent_is_covered() -> None:
    covered = 0
    for seed in range(300):
        arm, names = sample(26, 0.97, seed=seed, least=8, most=8)
        base, _ = sample(26, 0.95, seed=9000 + seed, least=8, most=8)
        low, high = difference(arm, base, names, Flipping(10, 0)).interval
        covered += low <= 0.02 <= high
    assert 0.92 <= covered / 300 <= 0.985


def test_clusters_widen_the_interval_of_answers_that_go_together() -> None:
    together = [float(cluster % 2 == 0 or n == 0) for cluster in range(20) for n in range(10)]
    documents = [f"d{cluster}" for cluster in range(20) for _ in range(10)]
    alone = [f"q{index}" for index in range(200)]
    clustered, naive = (share(together, names).interval for names in (documents, alone))
    assert clustered[1] - clustered[0] > 2.5 * (naive[1] - naive[0])


@pytest.mark.parametrize("right", [0.0, 1.0])
def test_where_all_documents_agree_each_counts_as_one_observation(right: float) -> None:
    names = [f"d{index // 8}" for index in range(320)]
    found = share([right] * 320, names)
    assert found.method == "documents"
    assert found.interval == pytest.approx(ours.wilson(right, 40))
    assert found.interval[1] - found.interval[0] > 0.08


def test_one_document_says_almost_nothing_about_others() -> None:
    low, high = share([1.0, 0.0] * 20, ["only"] * 40).interval
    assert high - low > 0.8


def test_no_questions_is_an_error() -> None:
    with pytest.raises(ValueError, match="0 answers"):
        share([], [])


@settings(max_examples=50)
@given(
    st.lists(
        st.tuples(st.sampled_from([0, 0.25, 0.5, 1]), st.sampled_from([0, 0.75, 1]),
                  st.integers(0, 9)),
        min_size=1,
    )
)  # fmt: skip
def test_figures_do_not_depend_on_order_and_intervals_have_width(
    rows: list[tuple[float, float, int]],
) -> None:
    how = Flipping(200, 1)

    def figures(rows: list[tuple[float, float, int]]) -> tuple[Any, Any]:
        first, second, names = zip(*[(a, b, f"d{c}") for a, b, c in rows], strict=True)
        return share(first, names), difference(first, second, names, how)

    one, other = figures(rows), figures(rows[::-1])
    for found, again in zip(one, other, strict=True):
        assert found.value == pytest.approx(again.value)
        assert found.interval == pytest.approx(again.interval)
        assert found.interval[0] <= found.value <= found.interval[1]
        assert found.interval[0] < found.interval[1]
    gain = one[1]
    if gain.relative is not None:
        assert -1 <= gain.relative_interval[0] <= gain.relative <= gain.relative_interval[1]


def test_a_difference_relates_to_the_reference() -> None:
    base = [1.0, 0.0, 0.0, 0.0] * 10
    arm = [0.0, 1.0, 1.0, 1.0] * 9 + base[:4]
    names = [f"d{index // 4}" for index in range(40)]
    found = difference(arm, base, names, QUICK)
    assert (found.value, found.relative) == pytest.approx((18 / 40, 18 / 10))
    unrelated = difference(arm, [0.0] * 40, names, QUICK)
    assert (unrelated.relative, unrelated.relative_interval) == (None, None)


def test_pairing_makes_the_difference_surer_than_its_parts() -> None:
    hard, names = sample(40, 0.5, seed=5)
    arm = [1.0 if index % 10 == 0 else value for index, value in enumerate(hard)]
    found = difference(arm, hard, names, QUICK)
    parts = [share(answers, names).interval for answers in (arm, hard)]
    width = found.interval[1] - found.interval[0]
    assert found.interval[0] > 0
    assert width < 0.6 * min(high - low for low, high in parts)


def test_the_effect_that_could_have_been_seen_is_seen_four_times_in_five() -> None:
    names = [f"d{index // 8}" for index in range(40 * 8)]

    def trial(seed: int, effect: float) -> Any:
        random = np.random.default_rng(seed)
        rates = np.repeat(random.beta(5, 5, size=40), 8) * 0.8
        base = (random.random(320) < rates).astype(float)
        arm = (random.random(320) < rates + effect).astype(float)
        return difference(list(arm), list(base), names, Flipping(200, 0))

    detectable = float(np.mean([trial(seed, 0).detectable for seed in range(100)]))
    seen = [trial(1000 + seed, detectable).interval[0] > 0 for seed in range(300)]
    assert 0.74 <= np.mean(seen) <= 0.87


def test_arms_that_agree_everywhere_differ_by_nothing_but_not_surely() -> None:
    correct, names = sample(40, 0.9, seed=1)
    found = difference(correct, correct, names, QUICK)
    assert (found.value, found.p, found.method) == (0, 1, "documents")
    assert found.interval == pytest.approx((-0.0876, 0.0876), abs=1e-4)


def test_all_wrong_to_all_right_is_bounded_and_wide_enough() -> None:
    names = [f"d{index // 8}" for index in range(320)]
    found = difference([1.0] * 320, [0.0] * 320, names, QUICK)
    assert found.interval[1] == 1
    assert 0.8 < found.interval[0] < 0.95


def test_an_arm_that_lost_everything_lost_all_of_it() -> None:
    base, names = sample(40, 0.3, seed=2)
    found = difference([0.0] * len(base), base, names, QUICK)
    assert found.relative == -1
    assert found.relative_interval is not None
    assert found.relative_interval[0] == -1
    assert -0.9 < found.relative_interval[1] < -0.5
