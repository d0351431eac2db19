"""The step `copy`: {NEW: OLD}, a column under another name too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from closedbook.engine import Ask, Child, Row
from closedbook.flows.building import Site


@dataclass(frozen=True, slots=True)
class CopyStep:
    """`columns` maps new names to old ones."""

    name: str
    columns: Mapping[str, str]

    @property
    def branches(self) -> int:
        return 1

    async def run(self, row: Row, _branch: int, _ask: Ask, /) -> Sequence[Child]:
        return [{new: row.columns[old] for new, old in self.columns.items()}]


def build(spec: Mapping[str, str], site: Site) -> CopyStep:
    for new, old in spec.items():
        site.need(old, new)
    for new in spec:
        site.make(new, new)
    return CopyStep(site.label, spec)
