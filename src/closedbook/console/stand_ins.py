"""Which of a project's models are stand-ins, above whatever they said."""

from __future__ import annotations

from typing import Literal

from rich.console import Console

from closedbook.config import Config
from closedbook.console.laid_out import say
from closedbook.reporting import banner


def show_stand_ins(
    console: Console, config: Config, *concerned: Literal["teacher", "student"]
) -> None:
    """The report's sentence on those `concerned`; nothing where neither is a stand-in."""
    kinds = {"teacher": config.teacher.kind, "student": config.student.kind}
    told = banner(**{role: kind if role in concerned else "" for role, kind in kinds.items()})
    if told:
        say(console, told)
