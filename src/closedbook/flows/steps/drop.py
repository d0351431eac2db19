"""The step `drop`: columns that later steps no longer have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from closedbook.engine import Ask, Child, Replaced, Row
from closedbook.flows.building import Site


@dataclass(frozen=True, slots=True)
class DropStep:
    """The row without `columns`."""

    name: str
    columns: tuple[str, ...]

    @property
    def branches(self) -> int:
        return 1

    async def run(self, row: Row, _branch: int, _ask: Ask, /) -> Sequence[Child]:
        return [Replaced({n: text for n, text in row.columns.items() if n not in self.columns})]


def build(spec: tuple[str, ...], site: Site) -> DropStep:
    for place, column in enumerate(spec):
        site.need(column, place)
        site.remove(column)
    return DropStep(site.label, spec)
