"""`closedbook baseline`: what can be known before any training."""

from __future__ import annotations

from pathlib import Path

from closedbook.cli.errors import plain_errors
from closedbook.cli.options import Overrides, ProjectFolder


def baseline(project: ProjectFolder = Path(), overrides: Overrides = None) -> None:
    """Base and other models sit the exams: what could training win, and what does a question
    take?"""
    from closedbook.baseline import measure_baseline
    from closedbook.console import OUTPUT, Progress, show_stand_ins
    from closedbook.console.baseline import show_baseline
    from closedbook.project import Project

    with plain_errors():
        opened = Project.open(project, overrides or ())
        with Progress(OUTPUT, opened.config) as progress:
            found = measure_baseline(opened, progress)
        show_stand_ins(OUTPUT, opened.config, "student")
        show_baseline(OUTPUT, found)
