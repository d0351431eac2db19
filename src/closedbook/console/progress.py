"""Run events as lines: one per finished stage, and on a terminal a live one for the running stage.

Where there is no terminal, a long stage still says now and then how far it is.
"""

from __future__ import annotations

import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.markup import escape
from rich.status import Status

from closedbook.events import (
    Counts,
    Event,
    Notice,
    StageCurrent,
    StageFinished,
    StageProgress,
    StageStarted,
)

OUTPUT = Console(soft_wrap=True)
"""Standard output, whatever that is when something is printed."""
LOG_EVERY = 15.0
"""Seconds between progress lines where there is no terminal."""
SHOWN_NOTICES = 20
"""Notices printed per stage; the rest is counted, and all are on disk as rejections."""


class Progress:
    """An event sink that renders to a console; use as a context manager."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._status: Status | None = None
        self._said = time.monotonic()
        self._notices = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._clear()

    def __call__(self, event: Event) -> None:
        match event:
            case StageStarted():
                self._notices = 0
                self._said = time.monotonic()
                self._live(f"{event.stage}: {event.why}")
            case StageProgress():
                self._progress(event)
            case StageFinished():
                self._clear()
                self._line("done", event.stage, f"{event.seconds:6.1f} s  {_counted(event.counts)}")
            case StageCurrent():
                self._line("  ok", event.stage, "up to date")
            case Notice():
                self._notice(event)

    def _progress(self, event: StageProgress) -> None:
        text = f"{event.stage}: {event.done:,} of {event.total:,}  {event.note}".rstrip()
        if self._console.is_terminal:
            self._live(text)
        elif time.monotonic() - self._said > LOG_EVERY:
            self._said = time.monotonic()
            self._line("   …", event.stage, text.partition(": ")[2])

    def _notice(self, event: Notice) -> None:
        self._notices += 1
        if self._notices <= SHOWN_NOTICES:
            self._line("note", event.stage, event.text)
        elif self._notices == SHOWN_NOTICES + 1:
            self._line("note", event.stage, "more notes follow; all rejections are in out/")

    def _line(self, mark: str, stage: str, text: str) -> None:
        style = {"done": "green", "note": "yellow"}.get(mark, "dim")
        self._console.print(
            f"[{style}]{mark}[/] [bold]{escape(stage):<20}[/] {escape(text)}", highlight=False
        )

    def _live(self, text: str) -> None:
        if not self._console.is_terminal:
            return
        if self._status is None:
            self._status = self._console.status("")
            self._status.start()
        self._status.update(escape(text))

    def _clear(self) -> None:
        if self._status is not None:
            self._status.stop()
            self._status = None


def _counted(counts: Counts) -> str:
    return " · ".join(
        f"{name.replace('_', ' ')} {value:,}" if isinstance(value, int) else f"{name} {value:.4g}"
        for name, value in counts.items()
        if value or name == "rejected"
    )
