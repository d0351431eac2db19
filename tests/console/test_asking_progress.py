"""What a person reads while a model is being asked."""

from __future__ import annotations

from dataclasses import replace
from io import StringIO

import pytest
from rich.console import Console

from closedbook.config import Config
from closedbook.console import Progress
from closedbook.console.progress import in_numbers
from closedbook.events import AskingProgress

EVENT = AskingProgress(
    stage="generate",
    done=1_500,
    total=2_000,
    asks=6_100,
    from_journal=100,
    rejected={"judged wrong": 7, "truncated": 12, "nothing offered": 1},
    to_retry=2,
    in_flight=64,
    waiting=190,
    tokens_per_second=5_400.4,
    usd=3.1,
    usd_projected=4.04,
    seconds_left=310,
)


def test_everything_known_is_in_one_line() -> None:
    assert in_numbers(EVENT) == (
        "1,500 of 2,000 documents · 5 min left · $3.10 of about $4.04 · 6,100 answers · 2 to retry"
        " · 64 in flight, 190 waiting · 12 x truncated · 7 x judged wrong · 5,400 tokens/s"
        " · 100 from the journal"
    )


@pytest.mark.parametrize(
    ("width", "told"),
    [
        (60, ["1,500 of 2,000 documents", "5 min left", "…"]),
        (80, ["5 min left", "$3.10 of about $4.04", "…"]),
        (100, ["5 min left", "$3.10 of about $4.04", "6,100 answers"]),
        (140, ["6,100 answers", "2 to retry", "64 in flight, 190 waiting"]),
    ],
)
def test_a_narrow_terminal_cuts_what_matters_least(width: int, told: list[str]) -> None:
    file = StringIO()
    console = Console(file=file, soft_wrap=True, force_terminal=True, width=width)
    with Progress(console) as sink:
        sink(EVENT)
    (line,) = [line for line in file.getvalue().splitlines() if "documents" in line]
    for part in told:
        assert part in line


def test_why_nobody_is_answered_is_told() -> None:
    line = in_numbers(replace(EVENT, trouble="connection failed: Connection refused"))
    assert line.split(" · ")[1] == "waiting: connection failed: Connection refused"
    assert "left" not in line, "nobody knows"


def test_that_nobody_is_answered_is_told_at_once_and_how_long_it_is_borne() -> None:
    keys = {"kind": "endpoint", "base_url": "http://h/v1", "model": "m", "give_up_after": 30}
    student = {"kind": "rehearsal"}
    config = Config.model_validate({"documents": "d", "teacher": keys, "student": student})
    file = StringIO()
    with Progress(Console(file=file, soft_wrap=True), config) as sink:
        for trouble in ("", "refused", "refused", "reset"):
            sink(replace(EVENT, trouble=trouble))
    told = "note generate             no answer: refused; asked again as attempts and"
    told += " give_up_after (30 s) say;"
    assert file.getvalue() == f"{told} Ctrl-C stops it, and every answer is kept\n"


def test_an_address_that_does_not_answer_is_told_once() -> None:
    file = StringIO()
    with Progress(Console(file=file, soft_wrap=True)) as sink:
        for missing in ("", "no answer from b", "", "no answer from b", "no answer from c"):
            sink(replace(EVENT, missing=missing))
    lines = [line.split(maxsplit=2)[2] for line in file.getvalue().splitlines()]
    assert lines == ["no answer from b", "no answer from c"]


def test_what_is_unknown_is_not_there() -> None:
    bare = replace(
        EVENT,
        from_journal=0,
        rejected={},
        to_retry=0,
        in_flight=0,
        waiting=0,
        tokens_per_second=0.0,
        usd=None,
        usd_projected=None,
        seconds_left=None,
    )
    assert in_numbers(bare) == "1,500 of 2,000 documents · 6,100 answers"


def test_long_waits_are_in_hours() -> None:
    assert in_numbers(replace(EVENT, seconds_left=30_000)).split(" · ")[1] == "8.3 h left"
    assert in_numbers(replace(EVENT, seconds_left=41)).split(" · ")[1] == "41 s left"


def test_who_waits_for_the_budget_is_told_apart_and_why_once() -> None:
    near, file = replace(EVENT, for_budget=31), StringIO()
    with Progress(Console(file=file, soft_wrap=True)) as sink:
        sink(near)
        sink(near)
    assert file.getvalue().count("requests wait until it is known what others cost") == 1
    assert "190 waiting (31 for the budget)" in in_numbers(near)
