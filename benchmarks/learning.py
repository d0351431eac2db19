"""Does the student learn? Fresh fictional worlds, pooled, with controls (`make learning`).

For every seed: a world, a project with the arms of the quickstart, the whole pipeline. Prints, per
exam, condition and arm, the accuracy of each seed and their mean, and the promises it is held to.
Takes a few minutes of two cores per seed.

    python benchmarks/learning.py --seeds 101 102 103 104 105
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from closedbook import Project
from closedbook.evaluation.significance import Flipping
from closedbook.evaluation.statistics import Difference, difference, share
from closedbook.records import Response, Summary
from closedbook.rehearsal import make_world, write_world
from closedbook.store import read_rows, read_summary

ROOT = Path(__file__).parents[1]
SETTINGS = ROOT / "examples" / "quickstart" / "closedbook.yaml"
Cell = tuple[str, str, str]
"""Exam, condition, arm."""


@dataclass(frozen=True)
class Examined:
    """What one seed gave: its results, and the responses of each arm in the exams' order."""

    summary: Summary
    responses: Mapping[str, Sequence[Response]]


def examine(seed: int, folder: Path) -> Examined:
    """The quickstart's settings on the world of `seed`."""
    write_world(make_world(seed), folder)
    (folder / "closedbook.yaml").write_text(SETTINGS.read_text(encoding="utf-8"), encoding="utf-8")
    Project.open(folder).run(until="evaluate")
    return read_examined(folder)


def read_examined(folder: Path) -> Examined:
    """What a finished project holds."""
    out = folder / "out" / "evaluate"
    summary = read_summary(out / "summary.json")
    arms = dict.fromkeys(item.arm for item in summary.results)
    rows = {arm: list(read_rows(out / arm / "responses.jsonl", Response)) for arm in arms}
    return Examined(summary, rows)


def answered(seeds: Sequence[Examined], cell: Cell) -> tuple[list[bool], list[str]]:
    """Right or wrong, and the document, of every response of a cell, all seeds together. The
    retention exams are the same in every world, so their documents are too."""
    exam, condition, arm = cell
    rows = [
        (row.correct, f"{number}/{row.document}" if exam == "exam" else row.document)
        for number, seed in enumerate(seeds)
        for row in seed.responses[arm]
        if (row.exam, row.condition) == (exam, condition)
    ]
    return [correct for correct, _ in rows], [document for _, document in rows]


def reading(seeds: Sequence[Examined]) -> Difference:
    """Customised minus base with retrieval, all seeds together, over documents."""
    base, documents = answered(seeds, ("exam", "rag", "base"))
    customised, _ = answered(seeds, ("exam", "rag", "customised"))
    return difference(customised, base, documents, Flipping())


def accuracies(summaries: Sequence[Summary]) -> Mapping[Cell, list[float]]:
    found: dict[Cell, list[float]] = defaultdict(list)
    for summary in summaries:
        for item in summary.results:
            if item.accuracy is not None:
                found[item.exam, item.condition, item.arm].append(100 * item.accuracy)
    return found


def in_short(summary: Summary) -> str:
    """What one seed gave, should the others not come to an end."""
    return ", ".join(
        f"{item.condition} {item.arm} {100 * item.accuracy:.1f}"
        for item in summary.results
        if item.exam == "exam" and item.accuracy is not None
    )


def promises(found: Mapping[Cell, list[float]], read: Difference) -> list[tuple[str, bool]]:
    """What the README claims, in percentage points, pooled over the seeds."""

    def mean(exam: str, condition: str, arm: str) -> float:
        return statistics.mean(found[exam, condition, arm])

    base, customised = (
        mean("exam", "closed_book", "base"),
        mean("exam", "closed_book", "customised"),
    )
    worst = min(found["exam", "closed_book", "customised"])
    raw, shuffled = mean("exam", "closed_book", "raw"), mean("exam", "closed_book", "shuffled")
    lost = mean("retention", "closed_book", "base") - mean("retention", "closed_book", "customised")
    low, high = (100 * bound for bound in read.interval)
    apart = f"{100 * read.value:+.1f} [{low:+.1f}, {high:+.1f}]"
    return [
        (f"base closed book {base:.1f}, within 3 of 25", abs(base - 25) <= 3),
        (f"customised closed book {customised:.1f}, at least 85", customised >= 85),
        (f"customised at its worst {worst:.1f}, never under 80", worst >= 80),
        (f"raw documents {raw:.1f}, at least 20 below customised", raw <= customised - 20),
        (f"shuffled answers {shuffled:.1f}, at or below chance (25, + 3)", shuffled <= 28),
        (f"retention lost {lost:.1f}, at most 3", lost <= 3),
        (f"RAG customised - base {apart}, not below 0 by more than the interval", high >= 0),
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, nargs="+", default=[101, 102, 103, 104, 105])
    seeds = parser.parse_args().seeds
    examined = []
    for seed in seeds:
        with tempfile.TemporaryDirectory() as folder:
            examined.append(examine(seed, Path(folder)))
        print(f"seed {seed}: {in_short(examined[-1].summary)}", file=sys.stderr)
    found = accuracies([one.summary for one in examined])
    print(f"{'exam':<10} {'condition':<12} {'arm':<12} {'mean':>6}  95 % interval  per seed")
    for cell, values in found.items():
        correct, documents = answered(examined, cell)
        low, high = share(correct, [1.0] * len(correct), documents, len(correct)).interval
        each = " ".join(f"{value:5.1f}" for value in values)
        named = " ".join(f"{part:<{width}}" for part, width in zip(cell, (10, 12, 12), strict=True))
        mean = statistics.mean(values)
        print(f"{named} {mean:6.1f}  [{100 * low:4.1f}, {100 * high:5.1f}]  {each}")
    kept = promises(found, reading(examined))
    for text, holds in kept:
        print(f"{'holds' if holds else 'FAILS'}  {text}")
    return 0 if all(holds for _, holds in kept) else 1


if __name__ == "__main__":
    sys.exit(main())
