"""Options that several commands take."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

ProjectFolder = Annotated[
    Path, typer.Option("--project", "-p", help="The folder that holds closedbook.yaml.")
]
Overrides = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="PATH=VALUE", help="Override a key, e.g. train.epochs=2."),
]
