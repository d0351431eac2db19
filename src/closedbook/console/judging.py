"""What a check of a judge found, as a short table."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from closedbook.console.laid_out import print_table
from closedbook.judging import Counted, JudgeCheck


def show_judge_check(console: Console, found: JudgeCheck) -> None:
    """Kind by kind how many were rejected, then recall and precision of all."""
    table = Table(box=None, pad_edge=False)
    for column in ("pairs", "how many", "rejected", "95 % interval", ""):
        table.add_column(column)
    for kind, counted in found.found.items():
        told = "false alarms" if kind == "untouched" else "recall"
        table.add_row(kind, *_shown(counted), told)
    table.add_row("all spoiled", *_shown(found.recall), "recall")
    if found.precision is not None:
        table.add_row("all rejected", *_shown(found.precision), "precision")
    console.print(f"the judge of {found.flow}: {found.asks} asks", highlight=False)
    print_table(console, table)
    if found.passed_before:
        told = (
            "untouched pairs are generated ones, which passed a judge before: see --from documents"
        )
        console.print(told, highlight=False, soft_wrap=True)
    if found.no_verdict:
        console.print(f"{found.no_verdict} pairs without a verdict, not counted", highlight=False)


def _shown(counted: Counted) -> tuple[str, str, str]:
    low, high = counted.share.interval
    return (
        str(counted.pairs),
        f"{100 * counted.share.value:.1f} %",
        f"{100 * low:.1f} to {100 * high:.1f} %",
    )
