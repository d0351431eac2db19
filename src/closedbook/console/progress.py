"""Run events as lines: one per finished stage, and on a terminal a live one for the running stage.

Where there is no terminal, a long stage still says now and then how far it is.
"""

from __future__ import annotations

import time
from typing import Self

from rich.console import Console
from rich.markup import escape
from rich.status import Status
from rich.text import Text

from closedbook.config import Config, EndpointTeacher
from closedbook.console.laid_out import figure
from closedbook.events import (
    AskingProgress,
    Counts,
    Event,
    Notice,
    StageCurrent,
    StageFinished,
    StageProgress,
    StageStarted,
)
from closedbook.hints import command, counted

OUTPUT = Console(soft_wrap=True)
"""Standard output, whatever that is when something is printed."""
LOG_EVERY = 15.0
"""Seconds between progress lines where there is no terminal."""
SHOWN_REASONS = 2
"""Reasons of rejection in a progress line, the commonest first."""
SHOWN_NOTICES = 20
"""Notices printed per stage; the rest is counted, and all are on disk as rejections."""


class Progress:
    """An event sink that renders to a console; use as a context manager. The `config` says how long
    an endpoint that answers nobody is asked."""

    def __init__(self, console: Console, config: Config | None = None) -> None:
        self._console = console
        self._status: Status | None = None
        self._said = time.monotonic()
        self._notices = 0
        self._told: set[str] = set()
        asked = (config.teacher, *config.models.values()) if config else ()
        waits = [model.give_up_after for model in asked if isinstance(model, EndpointTeacher)]
        self._patience = f" as attempts and give_up_after ({max(waits):g} s) say" if waits else ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._clear()

    def __call__(self, event: Event) -> None:
        match event:
            case StageStarted():
                self._notices = 0
                self._told.clear()
                self._said = time.monotonic()
                self._live(f"{event.stage}: {event.why}")
            case StageProgress():
                text = f"{event.done:,} of {event.total:,}  {event.note}".rstrip()
                self._now(event.stage, text)
            case AskingProgress():
                if event.trouble:
                    kept = "Ctrl-C stops it, and every answer is kept"
                    told = f"no answer: {event.trouble}; asked again{self._patience}; {kept}"
                    self._once("trouble", event.stage, told)
                if event.for_budget:
                    told = "near the budget: requests wait until it is known what others cost"
                    self._once("budget", event.stage, told)
                if event.missing:
                    self._once(event.missing, event.stage, event.missing)
                self._now(event.stage, in_numbers(event))
            case StageFinished():
                self._clear()
                self._line("done", event.stage, f"{event.seconds:6.1f} s  {_counted(event.counts)}")
            case StageCurrent():
                left = (
                    f", {event.to_retry:,} to retry: {command('run --retry')}"
                    if event.to_retry
                    else ""
                )
                self._line("  ok", event.stage, f"up to date{left}")
            case Notice():
                self._notice(event)

    def _now(self, stage: str, text: str) -> None:
        if self._console.is_terminal:
            self._live(f"{stage}: {text}")
        elif time.monotonic() - self._said > LOG_EVERY:
            self._said = time.monotonic()
            self._line("   …", stage, text)

    def _once(self, what: str, stage: str, text: str) -> None:
        if what not in self._told:
            self._told.add(what)
            self._line("note", stage, text)

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
        shown = Text(text)
        shown.truncate(self._console.width - len("⠋ "), overflow="ellipsis")
        self._status.update(shown)

    def _clear(self) -> None:
        if self._status is not None:
            self._status.stop()
            self._status = None


def in_numbers(event: AskingProgress) -> str:
    """How far it is, as far as it is known, and what matters first: a narrow terminal cuts it."""
    parts = [f"{event.done:,} of {counted(event.total, 'document')}"]
    if event.trouble:  # nobody knows how much time is left
        parts.append(f"waiting: {event.trouble}")
    elif event.seconds_left:
        parts.append(f"{_span(event.seconds_left)} left")
    if event.usd is not None:
        projected = "" if event.usd_projected is None else f" of about ${event.usd_projected:,.2f}"
        parts.append(f"${event.usd:,.2f}{projected}")
    parts.append(counted(event.asks, "answer"))
    if event.to_retry:
        parts.append(f"{event.to_retry:,} to retry")
    if event.in_flight or event.waiting:
        held = f" ({event.for_budget:,} for the budget)" if event.for_budget else ""
        parts.append(f"{event.in_flight:,} in flight, {event.waiting:,} waiting{held}")
    commonest = sorted(event.rejected.items(), key=lambda item: -item[1])[:SHOWN_REASONS]
    parts += [f"{count:,} x {reason}" for reason, count in commonest]
    if event.tokens_per_second >= 1:
        parts.append(f"{event.tokens_per_second:,.0f} tokens/s")
    if event.from_journal:
        parts.append(f"{event.from_journal:,} from the journal")
    return " · ".join(parts)


def _span(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 1:
        return f"{rest} s"
    return f"{minutes} min" if minutes < 120 else f"{minutes / 60:.1f} h"


def _counted(counts: Counts) -> str:
    return " · ".join(
        f"{name.replace('_', ' ')} {figure(value)}"
        for name, value in counts.items()
        if value or name == "rejected"
    )
