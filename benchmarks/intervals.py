"""How often the 95 % intervals hold the truth, and what the statistics of a large exam cost.

    python benchmarks/intervals.py                 # both, a few minutes
    python benchmarks/intervals.py --samples 2000  # coverage with a smaller error of its own

Coverage: exams drawn from a model whose truth is known. Whether an arm knows the answer depends on
how hard document and question are (probit, shares of variance 0.16 and 0.36), half of which both
arms share; documents have 8 questions, 13 to 20 as QuALITY's, or 2 to 30. Seeds are 1 to the number
of samples. The binomial error of each figure is printed with it. Time: 265 documents, 4,609
questions, 2 arms, 3 conditions, 10,000 sign flips, from response files to summary.json; beside it
that of reading the same files without any statistics.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import NormalDist
from time import process_time

import numpy as np
from numpy.typing import NDArray

from closedbook.config import Evaluate
from closedbook.evaluation import summarise
from closedbook.evaluation.cells import read_cells
from closedbook.evaluation.significance import Flipping
from closedbook.evaluation.statistics import difference, share
from closedbook.records import Condition, Response
from closedbook.store import write_rows

CLUSTERS = (26, 115, 265)
SIZES: Mapping[str, tuple[int, int]] = {"8": (8, 8), "13-20": (13, 20), "2-30": (2, 30)}
RATES = ((0.25, 0.9), (0.35, 0.43), (0.9, 0.9), (0.95, 0.97), (0.97, 0.97), (0.02, 0.03))
"""Reference and arm."""
OF_DOCUMENT, OF_QUESTION, SHARED = 0.16, 0.36, 0.5
NO_FLIPS = Flipping(resamples=1)
CONDITIONS: tuple[Condition, ...] = ("closed_book", "rag", "open_book")
Answers = NDArray[np.float64]


def sit(
    random: np.random.Generator, clusters: int, sizes: tuple[int, int], rates: Sequence[float]
) -> tuple[list[Answers], list[str]]:
    """Right (1) or wrong (0) of each arm on one exam, and the questions' documents."""
    counts = random.integers(sizes[0], sizes[1] + 1, size=clusters)
    index = np.repeat(np.arange(clusters), counts)
    both = np.sqrt(OF_DOCUMENT) * random.normal(size=clusters)[index]
    both = both + np.sqrt(OF_QUESTION) * random.normal(size=len(index))
    arms = []
    for rate in rates:
        own = np.sqrt(OF_DOCUMENT) * random.normal(size=clusters)[index]
        own = own + np.sqrt(OF_QUESTION) * random.normal(size=len(index))
        hardness = np.sqrt(SHARED) * both + np.sqrt(1 - SHARED) * own
        luck = np.sqrt(1 - OF_DOCUMENT - OF_QUESTION) * random.normal(size=len(index))
        arms.append((hardness + luck < NormalDist().inv_cdf(rate)).astype(float))
    return arms, [str(number) for number in index]


def coverage(samples: int) -> bool:
    """Prints the table; whether every figure is within 93 to 97 % but for its own error."""
    error = 1.96 * (0.95 * 0.05 / samples) ** 0.5
    print(f"coverage of 95 % intervals, {samples} samples each: +-{100 * error:.1f} by chance")
    print(
        f"{'documents':>9} {'questions':>9} {'rates':>12} {'share':>7} {'difference':>11} relative"
    )
    held = True
    for clusters in CLUSTERS:
        for name, sizes in SIZES.items():
            for rates in RATES:
                found = [held_truth(seed, clusters, sizes, rates) for seed in range(1, samples + 1)]
                means = [float(np.mean([hit for hit in column if hit is not None]))
                         for column in zip(*found, strict=True)]  # fmt: skip
                held = held and all(0.93 - error <= mean <= 0.97 + error for mean in means)
                told = f"{100 * rates[0]:.0f} -> {100 * rates[1]:.0f} %"
                print(
                    f"{clusters:>9} {name:>9} {told:>12} {means[0]:>7.1%} {means[1]:>11.1%} "
                    f"{means[2]:>8.1%}"
                )
    return held


def held_truth(
    seed: int, clusters: int, sizes: tuple[int, int], rates: tuple[float, float]
) -> tuple[bool, bool, bool | None]:
    """Whether the intervals of one exam hold the arm's share, the difference and the relative
    difference (None where the reference had no right answer)."""
    (base, arm), names = sit(np.random.default_rng(seed), clusters, sizes, rates)
    alone = share(list(arm), [1.0] * len(arm), names, len(arm)).interval
    gain = difference(list(arm), list(base), names, NO_FLIPS)
    related = gain.relative_interval
    return (
        alone[0] <= rates[1] <= alone[1],
        gain.interval[0] <= rates[1] - rates[0] <= gain.interval[1],
        related[0] <= rates[1] / rates[0] - 1 <= related[1] if related else None,
    )


def write_arms(folder: Path, permutations: int) -> dict[str, Path]:
    """Response files of two arms: 4,609 questions about 265 documents, three conditions."""
    random = np.random.default_rng(1)
    arms = {}
    for arm, rate in (("base", 0.35), ("customised", 0.43)):
        rows = (
            response(arm, condition, number, turn, right=bool(random.random() < rate))
            for condition in CONDITIONS
            for number in range(4609)
            for turn in range(permutations)
        )
        arms[arm] = folder / arm / "responses.jsonl"
        write_rows(arms[arm], rows)
    return arms


def response(arm: str, condition: Condition, number: int, turn: int, *, right: bool) -> Response:
    return Response(
        exam="quality",
        arm=arm,
        condition=condition,
        question_id=f"q{number}",
        document=f"article {number % 265}",
        question=f"What did the captain of ship {number} want?",
        options=("To go home", "To be paid", "To be heard", "To find out who had done it"),
        answer=number % 4,
        scores=(),
        chosen=number % 4 if right else (number + 1) % 4,
        correct=right,
        text="Answer: A",
        permutation=turn,
        extracted="letter",
    )


def seconds(call: Callable[[], object]) -> float:
    start = process_time()
    call()
    return process_time() - start


def cost() -> bool:
    """Prints CPU seconds; whether those of one order of options are under 20."""
    most = 0.0
    for permutations in (1, 4):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            arms = write_arms(folder, permutations)
            reading = seconds(lambda arms=arms: read_cells(arms))  # type: ignore[misc]
            settings = Evaluate(resamples=10_000)
            whole = seconds(lambda: summarise(arms, settings, folder))  # noqa: B023
        print(
            f"{4609 * 6 * permutations:>7,} responses, 10,000 sign flips: {whole:.1f} CPU s; "
            f"reading alone {reading:.1f} CPU s; ratio {whole / reading:.2f}"
        )
        most = max(most, whole)
    return most < 20


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--samples", type=int, default=400)
    samples = parser.parse_args().samples
    quick = cost()
    held = coverage(samples)
    print("holds" if held else "FAILS", " coverage between 93 and 97 %, but for chance")
    print("holds" if quick else "FAILS", " under 20 CPU s")
    return 0 if held and quick else 1


if __name__ == "__main__":
    sys.exit(main())
