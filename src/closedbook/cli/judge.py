"""`closedbook judge-check`: how many spoiled pairs a judge finds."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from closedbook.cli.errors import plain_errors
from closedbook.cli.options import Overrides, ProjectFolder


def judge_check(
    project: ProjectFolder = Path(),
    flow: Annotated[
        str, typer.Option(help="The flow whose judge it is; default: the project's first.")
    ] = "",
    pairs: Annotated[int, typer.Option(min=2, help="How many; each is spoiled in 4 ways.")] = 50,
    source: Annotated[
        Literal["generated", "documents"] | None,
        typer.Option("--from", help="Default: generated pairs, where there are any."),
    ] = None,
    seed: Annotated[int, typer.Option(help="Which pairs are drawn, and how spoiled.")] = 0,
    overrides: Overrides = None,
) -> None:
    """Measure a judge on pairs that are spoiled on purpose: recall by kind, precision."""
    from closedbook.console import OUTPUT, Progress, show_stand_ins
    from closedbook.console.judging import show_judge_check
    from closedbook.project import Project

    with plain_errors():
        opened = Project.open(project, overrides or ())
        with Progress(OUTPUT, opened.config) as progress:
            found = opened.check_judge(flow, pairs, source, seed, progress)
        show_stand_ins(OUTPUT, opened.config, "teacher")
        show_judge_check(OUTPUT, found, wanted=pairs)
