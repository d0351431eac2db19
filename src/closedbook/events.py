"""What a run tells the outside, as typed values.

Code that works emits events; consoles and logs are sinks of them. Nothing here knows who listens.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

Counts = Mapping[str, int | float]


@dataclass(frozen=True, slots=True)
class StageStarted:
    """A stage begins; `why` names what changed."""

    stage: str
    why: str


@dataclass(frozen=True, slots=True)
class StageProgress:
    """`done` of `total` units (documents, steps, questions); `note` is short free text."""

    stage: str
    done: int
    total: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class AskingProgress:
    """A stage that asks a model: `done` of `total` documents, whose `asks` were answered, those
    `from_journal` without being sent; their rows rejected by reason and `to_retry`.

    At this moment `in_flight` requests are sent and `waiting` ones begun but not, some of them
    `for_budget`: what others may cost is set aside. `usd` is what the project has spent,
    `usd_projected` what it will have if the rest costs as much; None is unknown.
    `trouble` is why a model answers nobody at this moment, `missing` which of its addresses do not
    while others do.
    """

    stage: str
    done: int
    total: int
    asks: int
    from_journal: int
    rejected: Mapping[str, int]
    to_retry: int
    in_flight: int
    waiting: int
    tokens_per_second: float
    usd: float | None
    usd_projected: float | None
    seconds_left: float | None
    for_budget: int = 0
    trouble: str = ""
    missing: str = ""


@dataclass(frozen=True, slots=True)
class StageFinished:
    """A stage is complete and its manifest is on disk."""

    stage: str
    seconds: float
    counts: Counts


@dataclass(frozen=True, slots=True)
class StageCurrent:
    """A stage was already up to date and nothing was done; `to_retry` rows of it still lack an
    answer."""

    stage: str
    to_retry: int = 0


@dataclass(frozen=True, slots=True)
class Notice:
    """Something the user should read; the run goes on."""

    stage: str
    text: str


Event = StageStarted | StageProgress | AskingProgress | StageFinished | StageCurrent | Notice
Emit = Callable[[Event], None]


def silent(event: Event) -> None:
    """The sink that listens to nothing."""
