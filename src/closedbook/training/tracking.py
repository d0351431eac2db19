"""`report_to`: the curve of a training run, passed on to trackers (tensorboard, wandb, mlflow,
trackio, ...) through accelerate's own adapters. Invariant: only the first rank reports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from closedbook.errors import UserError


class Trackers:
    """The trackers of one run, named `run`; their local files go below `folder`."""

    def __init__(
        self, names: Sequence[str], run: str, folder: Path, settings: Mapping[str, Any]
    ) -> None:
        self._trackers = [_tracker(name, run, folder) for name in names]
        for tracker in self._trackers:
            tracker.store_init_configuration(_plain(settings))

    def log(self, values: Mapping[str, float], step: int) -> None:
        for tracker in self._trackers:
            tracker.log(dict(values), step=step)

    def finish(self) -> None:
        for tracker in self._trackers:
            tracker.finish()


def _tracker(name: str, run: str, folder: Path) -> Any:
    """Raises UserError for a tracker that accelerate does not know or cannot import."""
    from accelerate import PartialState  # type: ignore[import-untyped]
    from accelerate.tracking import (  # type: ignore[import-untyped]
        LOGGER_TYPE_TO_CLASS,
        get_available_trackers,
    )

    PartialState()
    known = LOGGER_TYPE_TO_CLASS
    if name not in known:
        hint = f"known: {', '.join(sorted(known))}"
        raise UserError(f"train.report_to: no tracker {name!r}", hint=hint)
    if name not in [str(available) for available in get_available_trackers()]:
        hint = f"pip install {name}, or leave it out of train.report_to"
        raise UserError(f"train.report_to: {name} is not installed", hint=hint)
    tracker = known[name]
    made = tracker(run, folder) if tracker.requires_logging_directory else tracker(run)
    if hasattr(made, "start"):
        made.start()
    return made


def _plain(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Flat values of plain types: what all trackers take."""
    return {
        key: value if isinstance(value, int | float | str | bool) else str(value)
        for key, value in settings.items()
    }
