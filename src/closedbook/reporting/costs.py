"""What it took: tokens and money from the journal's accounts, hours from the stages' manifests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from closedbook.store import Manifest
from closedbook.store.accounts import Totals, overall, totals

TOKENS = ("tokens", "prompt_tokens", "completion_tokens")


@dataclass(frozen=True, slots=True)
class Costs:
    """The seconds of all stages, and the `tokens` that those who counted any went through; and of
    everything a model was asked by step and by model, with the sum."""

    seconds: float
    tokens: Mapping[str, int]
    steps: tuple[Totals, ...] = ()
    models: tuple[Totals, ...] = ()
    total: Totals | None = None


def costs_of(manifests: Mapping[str, Manifest], journal: Path | None) -> Costs:
    """The costs of the stages, and of the journal if there is one. Raises JournalError."""
    seconds = sum(manifest.seconds for manifest in manifests.values())
    counted = {
        name: [int(count) for what, count in manifest.counts.items() if what in TOKENS]
        for name, manifest in manifests.items()
    }
    tokens = {name: sum(counts) for name, counts in counted.items() if counts}
    total = overall(journal) if journal and journal.is_file() else None
    if not (journal and total and total.requests):
        return Costs(seconds, tokens)
    by_step, by_model = tuple(totals(journal, "step")), tuple(totals(journal, "model"))
    return Costs(seconds, tokens, by_step, by_model, total)


def accounts_of(journal: Path) -> dict[str, int | float | None]:
    """What the page says of a journal as a whole: if it has changed, the costs have."""
    if not journal.is_file():
        return {}
    found = asdict(overall(journal))
    return {name: found[name] for name in found if name not in ("name", "seconds")}
