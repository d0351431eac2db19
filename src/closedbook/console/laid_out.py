"""How every table is printed: whole where no screen is in the way, else folded to its width."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

WHOLE = 100_000
"""Characters a line may have in a file or a pipe."""


def print_table(console: Console, table: Table) -> None:
    """On a terminal, cells are folded, never cut short; elsewhere a row is one line."""
    for column in table.columns:
        column.overflow = "fold"
    if not console.is_terminal:
        console = Console(file=console.file, width=WHOLE, force_terminal=False)
    console.print(table, highlight=False, markup=False)
