"""The step `set`: columns made from Jinja templates over the row as it was before the step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from jinja2 import Template

from closedbook.engine import Ask, Child, Row
from closedbook.errors import StepError
from closedbook.flows.building import Site
from closedbook.flows.prompts import UNUSABLE


@dataclass(frozen=True, slots=True)
class SetStep:
    """New columns, or other texts for columns that an earlier step made."""

    name: str
    templates: Mapping[str, Template]

    @property
    def branches(self) -> int:
        return 1

    async def run(self, row: Row, _branch: int, _ask: Ask, /) -> Sequence[Child]:
        try:
            return [{name: made.render(row.columns) for name, made in self.templates.items()}]
        except UNUSABLE as error:
            raise StepError(str(error)) from None


def build(spec: Mapping[str, str], site: Site) -> SetStep:
    templates = {column: site.template(text, column) for column, text in spec.items()}
    for column in spec:
        # What came with the document must still be there for the steps that judge by it.
        if column not in site.columns or column in site.building.given.columns:
            site.make(column, column)
    return SetStep(site.label, {name: made for name, made in templates.items() if made})
