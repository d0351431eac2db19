"""A training stage in one of the processes that torchrun starts.

All ranks are given the same command. The first brings the stage up to date as ever and is the only
one that writes or tells; the others only compute. None opens the journal: what comes before the
training must be done already.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from closedbook.errors import UserError
from closedbook.events import Emit, silent
from closedbook.store import Stage, bring_up_to_date, why_stale


def one_of_many() -> bool:
    """Whether torchrun started this process beside others."""
    return int(os.environ.get("WORLD_SIZE", "1")) > 1


def is_first() -> bool:
    return int(os.environ.get("RANK", "0")) == 0


def train_as_rank(stage: Stage, before: Sequence[Stage], out: Path, emit: Emit) -> None:
    """Take part in `stage`. Raises UserError where a stage `before` it is not up to date."""
    for earlier in before:
        if why := why_stale(earlier, out / earlier.name):
            raise UserError(
                f"{earlier.name} comes first ({why})",
                hint=f"closedbook run {before[-1].name}, in one process",
            )
    folder = out / stage.name
    if not why_stale(stage, folder):
        return
    if is_first():
        bring_up_to_date(stage, folder, emit)
    else:
        stage.make(folder, silent)
