"""`closedbook icl`: in-context examples, made once and then edited by a person."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from closedbook.cli.errors import plain_errors
from closedbook.cli.options import Overrides, ProjectFolder
from closedbook.hints import counted


def icl(
    project: ProjectFolder = Path(),
    examples: Annotated[int, typer.Option(min=1, help="How many; domains take turns.")] = 3,
    invented: Annotated[
        bool, typer.Option("--invented", help="Invented passages, not those of your documents.")
    ] = False,
    flow: Annotated[str, typer.Option(help="A flow of your own that makes demonstrations.")] = "",
    seed: Annotated[int, typer.Option(help="Which documents are drawn.")] = 0,
    overrides: Overrides = None,
) -> None:
    """Write in-context examples (icl.yaml) made from your documents, for you to edit."""
    from closedbook.console import OUTPUT, Progress, show_stand_ins
    from closedbook.project import Project

    name = flow or ("icl-invented" if invented else "icl")
    with plain_errors():
        opened = Project.open(project, overrides or ())
        with Progress(OUTPUT, opened.config) as progress:
            made = opened.make_examples(name, examples, seed, progress)
        show_stand_ins(OUTPUT, opened.config, "teacher")
        few = len(made.examples) < examples
        told = f" of {examples}, all that {counted(made.documents, 'document')} gave" if few else ""
        there = f"{counted(len(made.examples), 'example')}{told}"
        typer.echo(f"wrote {made.file}: {there}; read and edit them")
        for example in made.examples:
            domain = f" ({example.domain})" if example.domain else ""
            typer.echo(f"  {example.source or 'an invented passage'}{domain}")
        for reason, count in made.reasons.items():
            typer.echo(f"  no example: {reason} ({counted(count, 'document')})")
