"""The step `rename`: {NEW: OLD}, a column under another name instead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from closedbook.engine import Ask, Child, Replaced, Row
from closedbook.flows.building import Site


@dataclass(frozen=True, slots=True)
class RenameStep:
    """`columns` maps new names to old ones; two columns may change names with each other."""

    name: str
    columns: Mapping[str, str]

    @property
    def branches(self) -> int:
        return 1

    async def run(self, row: Row, _branch: int, _ask: Ask, /) -> Sequence[Child]:
        old = set(self.columns.values())
        kept = {name: text for name, text in row.columns.items() if name not in old}
        return [Replaced(kept, **{new: row.columns[name] for new, name in self.columns.items()})]


def build(spec: Mapping[str, str], site: Site) -> RenameStep:
    for new, old in spec.items():
        site.need(old, new)
    for old in spec.values():
        site.remove(old)
    for new in spec:
        site.make(new, new)
    return RenameStep(site.label, spec)
