"""`closedbook compare`: two result folders, the same questions paired."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from closedbook.cli.errors import plain_errors

Results = Annotated[
    Path, typer.Argument(help="A project, a folder out/evaluate/ARM, or a file of responses.")
]


def compare(first: Results, second: Results) -> None:
    """What SECOND does better than FIRST on the questions that both answered."""
    from closedbook.checks import config_if_any
    from closedbook.console import OUTPUT
    from closedbook.console.comparisons import show_comparisons
    from closedbook.evaluation.comparing import compare as compared
    from closedbook.reporting import banner

    with plain_errors():
        found = compared(first, second)
        around = {parent for given in (first, second) for parent in (given, *given.parents)}
        configs = filter(None, map(config_if_any, around))
        if any(config.student.kind == "rehearsal" for config in configs):
            typer.echo(banner("", "rehearsal"))
        show_comparisons(OUTPUT, found.comparisons, found.alone)
