"""A training stage in one of the processes that torchrun starts.

All ranks are given the same command. The first brings the stage up to date as ever and is the only
one that writes or tells; the others only compute. None opens the journal: what comes before the
training must be done already.
"""

from __future__ import annotations

from pathlib import Path

from closedbook.errors import UserError
from closedbook.events import Emit, silent
from closedbook.hints import command
from closedbook.store import Manifest, Stage, bring_up_to_date, read_manifest, why_stale
from closedbook.training import launched


def brought_up_to_date(stage: Stage, folder: Path, emit: Emit, *, retry: bool = False) -> Manifest:
    """As `bring_up_to_date`; as one of many, take part in it. Raises UserError for a stage that
    is not up to date and no training."""
    manifest = read_manifest(folder)
    if launched.size() == 1:
        return bring_up_to_date(stage, folder, emit, retry=retry)
    why = why_stale(stage, folder)
    if manifest and not why:
        return manifest
    if not stage.name.startswith("train/"):
        raise UserError(
            f"{stage.name} is not up to date ({why})",
            hint=f"{command(f'run {stage.name}')}, in one process",
        )
    if launched.rank() == 0:
        return bring_up_to_date(stage, folder, emit)
    return Manifest({}, dict(stage.make(folder, silent)), 0.0, {})
