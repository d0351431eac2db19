"""The step `filter`: keep the rows for which a condition holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from closedbook.engine import Ask, Child, Dropped, Row
from closedbook.flows.building import Site
from closedbook.flows.condition import Condition
from closedbook.flows.spec import FilterSpec
from closedbook.flows.steps.ask import HIDDEN


@dataclass(frozen=True, slots=True)
class FilterStep:
    """Drops a row with `spec.reason` unless `where` holds for it; what is kept of the row are the
    columns that are not `given` with every row."""

    name: str
    spec: FilterSpec
    where: Condition
    given: tuple[str, ...]

    @property
    def branches(self) -> int:
        return 1

    async def run(self, row: Row, _branch: int, _ask: Ask, /) -> Sequence[Child]:
        if self.where.holds(row.columns):
            return [{}]
        made = [
            f"{name}: {text}"
            for name, text in row.columns.items()
            if name not in self.given and not name.startswith(HIDDEN)
        ]
        return [Dropped(self.spec.reason, self.spec.where, "\n".join(made))]


def build(spec: FilterSpec, site: Site) -> FilterStep | None:
    where = site.condition(spec.where, "where")
    return FilterStep(site.label, spec, where, site.building.given.columns) if where else None
