"""What it took: tokens and money from the journal's accounts, hours from the stages' manifests."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from closedbook.store import Manifest
from closedbook.store.accounts import Totals, overall, totals

TOKENS = ("tokens", "prompt_tokens", "completion_tokens")


@dataclass(frozen=True, slots=True)
class StageCost:
    """One stage: its seconds, and the tokens it went through if it counted any."""

    stage: str
    seconds: float
    tokens: int | None


@dataclass(frozen=True, slots=True)
class Costs:
    """By stage; and of everything a model was asked by step and by model, with the sum."""

    stages: tuple[StageCost, ...]
    steps: tuple[Totals, ...] = ()
    models: tuple[Totals, ...] = ()
    total: Totals | None = None

    @property
    def seconds(self) -> float:
        return sum(stage.seconds for stage in self.stages)


def costs_of(manifests: Mapping[str, Manifest], journal: Path | None) -> Costs:
    """The costs of the stages, and of the journal if there is one. Raises JournalError."""
    stages = tuple(
        StageCost(name, manifest.seconds, _tokens(manifest.counts.items()))
        for name, manifest in manifests.items()
    )
    if journal is None or not journal.is_file():
        return Costs(stages)
    total = overall(journal)
    if not total.requests:
        return Costs(stages)
    return Costs(stages, tuple(totals(journal, "step")), tuple(totals(journal, "model")), total)


def accounts_of(journal: Path) -> dict[str, int | float | None]:
    """What the page says of a journal as a whole: if it has changed, the costs have."""
    if not journal.is_file():
        return {}
    found = asdict(overall(journal))
    return {name: found[name] for name in found if name not in ("name", "seconds")}


def _tokens(counts: Iterable[tuple[str, int | float]]) -> int | None:
    found = [int(value) for name, value in counts if name in TOKENS]
    return sum(found) if found else None
