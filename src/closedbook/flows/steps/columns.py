"""The steps that ask nobody and only look at a row's columns: `copy`, `rename`, `drop`, `set`,
`melt`, `filter`.

Each function checks what its kind of step needs at a site, and says what becomes of a row.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from closedbook.engine import Ask, Child, Dropped, Replaced, Row
from closedbook.errors import StepError
from closedbook.flows.building import Site
from closedbook.flows.prompts import UNUSABLE
from closedbook.flows.spec import FilterSpec, MeltSpec
from closedbook.flows.steps.ask import HIDDEN

Columns = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class RowStep:
    """What `make` gives for the columns of a row."""

    name: str
    make: Callable[[Columns], Sequence[Child]]
    branches: int = 1

    async def run(self, row: Row, _branch: int, _ask: Ask, /) -> Sequence[Child]:
        return self.make(row.columns)


def copy_columns(spec: Mapping[str, str], site: Site) -> RowStep:
    """{NEW: OLD}: a column under another name too."""
    for new, old in spec.items():
        site.need(old, new)
    for new in spec:
        site.make(new, new)
    return RowStep(site.label, lambda row: [{new: row[old] for new, old in spec.items()}])


def rename_columns(spec: Mapping[str, str], site: Site) -> RowStep:
    """{NEW: OLD}: a column under another name instead; two may change names with each other."""
    for new, old in spec.items():
        site.need(old, new)
    for old in spec.values():
        site.remove(old)
    for new in spec:
        site.make(new, new)

    def renamed(row: Columns) -> Sequence[Child]:
        kept = {name: text for name, text in row.items() if name not in spec.values()}
        return [Replaced(kept, **{new: row[old] for new, old in spec.items()})]

    return RowStep(site.label, renamed)


def drop_columns(spec: tuple[str, ...], site: Site) -> RowStep:
    """Columns that later steps no longer have."""
    for place, column in enumerate(spec):
        site.need(column, place)
        site.remove(column)

    def rest(row: Columns) -> Sequence[Child]:
        return [Replaced({name: text for name, text in row.items() if name not in spec})]

    return RowStep(site.label, rest)


def set_columns(spec: Mapping[str, str], site: Site) -> RowStep:
    """Columns made from Jinja templates over the row as it was before the step: new ones, or other
    texts for columns that an earlier step made."""
    tried = {column: site.template(text, column) for column, text in spec.items()}
    templates = {column: template for column, template in tried.items() if template}
    for column in spec:
        # What came with the document must still be there for the steps that judge by it.
        if column not in site.columns or column in site.building.given.columns:
            site.make(column, column)

    def filled(row: Columns) -> Sequence[Child]:
        try:
            return [{column: template.render(row) for column, template in templates.items()}]
        except UNUSABLE as error:
            raise StepError(str(error)) from None

    return RowStep(site.label, filled)


def melt_columns(spec: MeltSpec, site: Site) -> RowStep:
    """One row for each of some columns that has a text, e.g. for each view of a document."""
    for place, column in enumerate(spec.columns):
        site.need(column, "columns", place)
    site.make(spec.value, "value")
    site.make(spec.variable, "variable")

    def melted(row: Columns) -> Sequence[Child]:
        return [
            {spec.value: row[column], spec.variable: column}
            if row[column].strip()
            else Dropped(f"nothing in {column}")
            for column in spec.columns
        ]

    return RowStep(site.label, melted)


def filter_rows(spec: FilterSpec, site: Site) -> RowStep | None:
    """The rows for which a condition holds; what is kept of the others are the columns that are not
    given with every row."""
    where, given = site.condition(spec.where, "where"), site.building.given.columns
    if where is None:
        return None

    def kept(row: Columns) -> Sequence[Child]:
        if where.holds(row):
            return [{}]
        made = (name for name in row if name not in given and not name.startswith(HIDDEN))
        text = "\n".join(f"{name}: {row[name]}" for name in made)
        return [Dropped(spec.reason, spec.where, text)]

    return RowStep(site.label, kept)
