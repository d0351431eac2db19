"""`closedbook ask`: one question to base and trained students, side by side."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from closedbook.cli.errors import plain_errors
from closedbook.cli.options import Overrides, ProjectFolder


def ask(
    question: Annotated[str, typer.Argument(help="A question about the documents.")],
    project: ProjectFolder = Path(),
    overrides: Overrides = None,
) -> None:
    """Ask the base and every trained arm, closed book and with retrieval."""
    from closedbook.console import OUTPUT, show_stand_ins
    from closedbook.console.consulted import show_answers
    from closedbook.project import Project

    with plain_errors():
        opened = Project.open(project, overrides or ())
        answers = opened.ask(question)
        show_stand_ins(OUTPUT, opened.config, "teacher", "student")
        show_answers(OUTPUT, answers)
