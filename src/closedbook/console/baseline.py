"""A baseline as a table and a line on what training could win."""

from __future__ import annotations

from rich.console import Console

from closedbook.baseline import Baseline
from closedbook.console.laid_out import print_table, say, table_of
from closedbook.console.tables import accuracy_told
from closedbook.records import in_words

COLUMNS = ("exam", "condition", "arm", "accuracy", "95 % interval", "s", "tokens in", "tokens out")


def show_baseline(console: Console, baseline: Baseline) -> None:
    """Accuracies with intervals, seconds and tokens per question, then the headroom."""
    table = table_of(*COLUMNS, numbers=COLUMNS[3:])
    for result in baseline.summary.results:
        names = (result.exam, in_words(result.condition), result.arm)
        took = (result.seconds, result.prompt_tokens, result.completion_tokens)
        measured = ("" if value is None else f"{value:,.3g}" for value in took)
        table.add_row(*names, *accuracy_told(result), *measured)
    print_table(console, table)
    for item in baseline.headroom:
        say(console, item.told)
    if not baseline.headroom:
        say(console, "no one was asked open book, so what training could win is unknown")
