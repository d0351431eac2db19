"""Teach a small language model your documents, and prove that it learned them.

    from closedbook import Project
    Project.open("my-project").run()

Importing the package loads nothing heavy; `Project` is loaded when first used.
"""

from typing import TYPE_CHECKING

from closedbook.lazily import exported as _exported

if TYPE_CHECKING:
    from closedbook.project import Planned, Project, RunResult, StageStatus

__all__ = ["Planned", "Project", "RunResult", "StageStatus"]

__getattr__ = _exported(__name__, dict.fromkeys(__all__, "project"))
