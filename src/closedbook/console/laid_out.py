"""How every table is printed: whole where no screen is in the way, else folded to its width."""

from __future__ import annotations

from collections.abc import Collection

from rich.console import Console
from rich.table import Table

WHOLE = 100_000
"""Characters a line may have in a file or a pipe."""


def figure(value: float) -> str:
    """A count, or what was measured."""
    return f"{value:,}" if isinstance(value, int) else f"{value:.4g}"


def say(console: Console, *lines: object) -> None:
    """Lines as they are, whatever they hold."""
    console.print("\n".join(map(str, lines)), highlight=False, markup=False, soft_wrap=True)


def table_of(*names: str, numbers: Collection[str] = ()) -> Table:
    """Without lines, with these columns; those of `numbers` are set to the right."""
    table = Table(box=None, pad_edge=False)
    for name in names:
        table.add_column(name, justify="right" if name in numbers else "left")
    return table


def print_table(console: Console, table: Table) -> None:
    """On a terminal, cells are folded, never cut short; elsewhere a row is one line."""
    for column in table.columns:
        column.overflow = "fold"
    if not console.is_terminal:
        console = Console(file=console.file, width=WHOLE, force_terminal=False)
    console.print(table, highlight=False, markup=False)
