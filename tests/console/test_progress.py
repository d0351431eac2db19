"""What a run prints: a line per stage, and now and then how far a long one is."""

from __future__ import annotations

import io
import time

import pytest
from rich.console import Console

from closedbook.console import Progress, progress
from closedbook.events import (
    Event,
    Notice,
    StageCurrent,
    StageFinished,
    StageProgress,
    StageStarted,
)


def printed(*events: Event, terminal: bool = False) -> str:
    file = io.StringIO()
    console = Console(file=file, soft_wrap=True, force_terminal=terminal, width=200)
    with Progress(console) as sink:
        for event in events:
            sink(event)
    return file.getvalue()


def test_a_finished_stage_is_one_line_with_its_counts() -> None:
    text = printed(
        StageStarted("curate", "not done yet"),
        StageProgress("curate", 1, 2),
        StageFinished("curate", 1.25, {"pairs": 2112, "rejected": 0, "loss": 0.51234, "empty": 0}),
        StageCurrent("report"),
    )
    assert text.splitlines() == [
        "done curate                  1.2 s  pairs 2,112 · rejected 0 · loss 0.5123",
        "  ok report               up to date",
    ]


def test_a_long_stage_says_how_far_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([0.0, 0.0, 1.0, 20.0, 20.0])
    monkeypatch.setattr(time, "monotonic", lambda: next(clock))
    text = printed(
        StageStarted("train/raw", ""),
        StageProgress("train/raw", 1, 90, "loss 2.1"),
        StageProgress("train/raw", 40, 90, "loss 1.1"),
    )
    assert text == "   … train/raw            40 of 90  loss 1.1\n"


def test_many_notes_are_summed_up() -> None:
    text = printed(*(Notice("documents", f"file {n}: empty") for n in range(50)))
    assert len(text.splitlines()) == progress.SHOWN_NOTICES + 1
    assert "all rejections are in out/" in text


def test_markup_in_a_users_text_is_printed_as_it_is() -> None:
    assert "[red]a[/red] [b" in printed(Notice("documents", "[red]a[/red] [b"))


def test_a_terminal_shows_the_running_stage() -> None:
    text = printed(StageStarted("mix", "changed"), StageProgress("mix", 3, 5), terminal=True)
    assert "mix: 3 of 5" in text
