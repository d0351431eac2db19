"""The state of a training run on disk: one file, replaced as a whole.

Knows neither models nor rows. Invariant: the file holds a complete state or the one before it, so
a killed run finds something to continue from; a state of another run (other rows, base or
settings) is not taken for this one's.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from time import monotonic
from typing import Any

import torch

from closedbook.errors import TrainingError


def unwritten(path: Path, error: Exception) -> TrainingError:
    """What to tell where a file could not be written."""
    free = shutil.disk_usage(path.parent).free / 1e9
    cause = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    first_line = cause.strip().partition("\n")[0]
    return TrainingError(
        f"{path} could not be written: {first_line} ({free:.1f} GB are free)",
        hint="make room and run again: training goes on from its last checkpoint",
    )


def write_tensors(path: Path, content: dict[str, Any]) -> None:
    """Write a file of tensors as a whole. Raises TrainingError where there is no room; what was
    there before stays."""
    partial = path.with_suffix(".partial")
    try:
        with partial.open("wb") as file:
            torch.save(content, file)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except (OSError, RuntimeError) as error:
        # torch reports a failed write as a RuntimeError about its archive.
        partial.unlink(missing_ok=True)
        raise unwritten(path, error) from error


class Checkpoint:
    """Keeps the state of the run named `run` at `path`, at most every `minutes`."""

    def __init__(self, path: Path, run: str, minutes: float) -> None:
        self._path = path
        self._run = run
        self._seconds = minutes * 60
        self._kept = monotonic()

    def load(self) -> dict[str, Any] | None:
        """The newest state of this run, if there is one; raises TrainingError if the file was
        damaged."""
        if not self._path.exists():
            return None
        try:
            state: dict[str, Any] = torch.load(self._path, map_location="cpu", weights_only=True)
        except Exception as error:
            raise TrainingError(
                f"{self._path} cannot be read", hint="remove it to train from the beginning"
            ) from error
        return state if state["run"] == self._run else None

    def due(self) -> bool:
        return monotonic() - self._kept >= self._seconds

    def keep(self, state: dict[str, Any]) -> None:
        """Raises as `write_tensors`."""
        write_tensors(self._path, {**state, "run": self._run})
        self._kept = monotonic()

    def remove(self) -> None:
        self._path.unlink(missing_ok=True)
        self._path.with_suffix(".partial").unlink(missing_ok=True)
