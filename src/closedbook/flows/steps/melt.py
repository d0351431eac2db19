"""The step `melt`: one row for each of some columns, e.g. for each view of a document."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from closedbook.engine import Ask, Child, Dropped, Row
from closedbook.flows.building import Site
from closedbook.flows.spec import MeltSpec


@dataclass(frozen=True, slots=True)
class MeltStep:
    """A child for every column that has a text."""

    name: str
    spec: MeltSpec

    @property
    def branches(self) -> int:
        return 1

    async def run(self, row: Row, _branch: int, _ask: Ask, /) -> Sequence[Child]:
        return [
            {self.spec.value: row.columns[column], self.spec.variable: column}
            if row.columns[column].strip()
            else Dropped(f"nothing in {column}")
            for column in self.spec.columns
        ]


def build(spec: MeltSpec, site: Site) -> MeltStep:
    for place, column in enumerate(spec.columns):
        site.need(column, "columns", place)
    site.make(spec.value, "value")
    site.make(spec.variable, "variable")
    return MeltStep(site.label, spec)
