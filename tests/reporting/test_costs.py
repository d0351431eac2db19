"""The cost section says what the journal holds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import anyio

from closedbook.records import Completion
from closedbook.reporting import About, gather, write_report
from closedbook.store.journal import Call, Journal


def test_tokens_and_money_of_steps_and_models_are_on_the_page(
    make_out: Callable[..., Path], tmp_path: Path
) -> None:
    path = tmp_path / "journal.sqlite"

    async def fill() -> None:
        async with Journal.open(path) as journal:
            calls = [
                Call("qa/ask", "a.md", "429: slow down", 0.5, model="big"),
                Call("qa/ask", "a.md", "ok", 5400.0, 1100, 2345, model="big", usd=1.25),
            ]
            await journal.record(b"\x0a" * 20, "big", Completion("text"), calls)

    anyio.run(fill)
    page = tmp_path / "report.html"
    write_report(gather(make_out(), ("evaluate",), About("Mine"), path), page)
    text = page.read_text(encoding="utf-8")
    for told in (
        "$1.25",
        "1,100 in, 2,345 out",
        "qa/ask",
        "1 h 30 min",
        "2</b>requests, 1 without",
    ):
        assert told in text
