"""Options that several commands take."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from closedbook.hints import GIVEN


def _there(context: typer.Context, folder: Path) -> Path:
    """The folder, which hints name too, or exit code 2 with a line that says what it is instead."""
    if folder.is_dir():
        token = GIVEN.set("" if folder == Path() else str(folder))
        context.call_on_close(lambda: GIVEN.reset(token))
        return folder
    what = "is a file" if folder.exists() else "there is no such folder"
    typer.echo(
        f"error: --project {folder}: {what} (give the folder that holds closedbook.yaml)", err=True
    )
    raise typer.Exit(2)


ProjectFolder = Annotated[
    Path,
    typer.Option("--project", "-p", help="The folder that holds closedbook.yaml.", callback=_there),
]
Overrides = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="PATH=VALUE", help="Override a key, e.g. train.epochs=2."),
]
