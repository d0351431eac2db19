"""Comparisons as a table: differences with intervals, flips and p-values."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console

from closedbook.console.laid_out import print_table, say, table_of
from closedbook.records import Comparison, in_words

COLUMNS = (
    "exam, condition",
    "compared",
    "questions",
    "difference",
    "relative",
    "gained/lost",
    "p (Holm)",
    "McNemar",
    "detectable",
)


def show_comparisons(
    console: Console, comparisons: Iterable[Comparison], alone: Iterable[str]
) -> None:
    """A line per comparison, then what could not be paired."""
    table = table_of(*COLUMNS)
    for item in comparisons:
        table.add_row(*_cells(item))
    print_table(console, table)
    how = "In percentage points with 95 % intervals clustered by document; detectable: the "
    how += "difference that 80 of 100 such exams would have told from 0."
    say(console, how, *alone)


def _cells(item: Comparison) -> Iterable[str]:
    low, high = (f"{bound * 100:+.1f}" for bound in item.interval)
    unpaired = f" (+{item.unpaired:,} unpaired)" if item.unpaired else ""
    yield f"{item.exam}, {in_words(item.condition)}"
    yield f"{item.arm} - {item.against}"
    yield f"{item.n:,}{unpaired}"
    yield f"{item.difference * 100:+.1f} [{low}, {high}]"
    if item.relative is None or item.relative_interval is None:
        yield "-"
    else:
        low, high = (f"{bound:+.0%}" for bound in item.relative_interval)
        yield f"{item.relative:+.0%} [{low}, {high}]"
    yield f"{item.gained}/{item.lost}"
    yield f"{item.p:.4f} ({item.p_holm:.4f})"
    yield f"{item.mcnemar:.2g}"
    yield f"{item.detectable * 100:.1f}" if item.detectable is not None else "-"
