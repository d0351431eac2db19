"""Teach a small language model your documents, and prove that it learned them.

    from closedbook import Project
    Project.open("my-project").run()

`step` and `parser` decorate a user's own functions for flows. Importing the package loads nothing
heavy; `Project` and the others are loaded when first used.
"""

from typing import TYPE_CHECKING

from closedbook.lazily import exported as _exported

if TYPE_CHECKING:
    from closedbook.errors import ParseError, StepError
    from closedbook.flows.plugins import parser, step
    from closedbook.project import Planned, Project, RunResult, StageStatus

__all__ = [
    "ParseError",
    "Planned",
    "Project",
    "RunResult",
    "StageStatus",
    "StepError",
    "parser",
    "step",
]

__getattr__ = _exported(
    __name__,
    {
        "project": ("Planned", "Project", "RunResult", "StageStatus"),
        "errors": ("ParseError", "StepError"),
        "flows.plugins": ("parser", "step"),
    },
)
