"""Results, status and plans as short tables."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console
from rich.table import Table

from closedbook.project import Planned, RunResult, StageStatus
from closedbook.records import Comparison, Result, Summary

NAMES = {"closed_book": "closed book", "rag": "RAG", "open_book": "open book"}


def show_plan(console: Console, planned: Iterable[Planned]) -> None:
    """One line per stage that a run would do."""
    lines = [f"{item.stage:<20} {item.why}" for item in planned]
    for line in lines or ["nothing to do: every stage is up to date"]:
        console.print(line, highlight=False, markup=False)


def show_status(console: Console, stages: Iterable[StageStatus]) -> None:
    """Every stage: state, counts, seconds, and its rejections by reason."""
    table = Table(box=None, pad_edge=False)
    for column in ("stage", "state", "seconds", "counts"):
        table.add_column(column, overflow="fold")
    for stage in stages:
        manifest = stage.manifest
        counts = manifest.counts if manifest else {}
        shown = ", ".join(f"{name} {value:,}" for name, value in counts.items())
        seconds = f"{manifest.seconds:.1f}" if manifest else ""
        state = "complete" if manifest and not stage.stale else stage.stale
        table.add_row(stage.stage, state, seconds, shown)
        for reason, count in sorted(stage.rejections.items()):
            table.add_row("", "", "", f"  {count:,} x {reason}")
    console.print(table, highlight=False, markup=False)


def show_results(console: Console, result: RunResult) -> None:
    """What a run came to: the accuracies with their intervals, or what was checked; the report."""
    if not result.done:
        console.print("everything is up to date: nothing was done", highlight=False)
    if result.summary is not None and result.summary.reviewed:
        console.print(_results(result.summary), highlight=False, markup=False)
    elif result.summary is not None:
        console.print("The exam is unreviewed, so no accuracy is given. Checked:", highlight=False)
        for line in result.summary.checked:
            console.print(f"  {line}", highlight=False, markup=False)
    if result.report is not None:
        console.print(f"report: {result.report}", highlight=False, markup=False)


def _results(summary: Summary) -> Table:
    table = Table(box=None, pad_edge=False)
    for column in ("exam", "condition", "arm", "accuracy", "95 % interval", "against base"):
        table.add_column(column, justify="right" if column == "accuracy" else "left")
    compared = {
        (item.exam, item.condition, item.arm): item
        for item in summary.comparisons
        if item.against == "base"
    }
    for item in sorted(summary.results, key=lambda item: (item.exam, item.condition)):
        gain = compared.get((item.exam, item.condition, item.arm))
        table.add_row(
            item.exam,
            NAMES[item.condition],
            item.arm,
            *_accuracy(item),
            _gain(gain) if gain else "",
        )
    return table


def _accuracy(item: Result) -> tuple[str, str]:
    if item.accuracy is None or item.interval is None:
        return "", ""
    low, high = item.interval
    return f"{item.accuracy:.1%}", f"{low:.1%} to {high:.1%}"


def _gain(item: Comparison) -> str:
    low, high = item.interval
    points = f"{100 * item.difference:+.1f} points [{100 * low:+.1f}, {100 * high:+.1f}]"
    return points if item.relative is None else f"{points}, {item.relative:+.0%}"
