"""The step `filter`: keep the rows for which an expression is true.

Expressions are sandboxed Jinja, never Python's eval.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from jinja2 import TemplateSyntaxError
from jinja2.environment import TemplateExpression

from closedbook.engine import Ask, Child, Dropped, Row
from closedbook.errors import StepError
from closedbook.flows.building import Site
from closedbook.flows.prompts import ENVIRONMENT, UNUSABLE
from closedbook.flows.spec import FilterSpec
from closedbook.flows.steps.ask import HIDDEN


@dataclass(frozen=True, slots=True)
class FilterStep:
    """Drops a row with `spec.reason` unless `where` holds for it; what is kept of the row are the
    columns that are not `given` with every row."""

    name: str
    spec: FilterSpec
    where: TemplateExpression
    given: tuple[str, ...]

    @property
    def branches(self) -> int:
        return 1

    async def run(self, row: Row, _branch: int, _ask: Ask, /) -> Sequence[Child]:
        try:
            kept = bool(self.where(**row.columns))
        except UNUSABLE as error:
            raise StepError(f"{self.spec.where}: {error}") from None
        if kept:
            return [{}]
        made = [
            f"{name}: {text}"
            for name, text in row.columns.items()
            if name not in self.given and not name.startswith(HIDDEN)
        ]
        return [Dropped(self.spec.reason, self.spec.where, "\n".join(made))]


def build(spec: FilterSpec, site: Site) -> FilterStep | None:
    try:
        where = ENVIRONMENT.compile_expression(spec.where, undefined_to_none=False)
    except TemplateSyntaxError as error:
        site.report(f"where: {error.message}", "where")
        return None
    site.compiles(f"{{{{ {spec.where} }}}}", "where")
    return FilterStep(site.label, spec, where, site.building.given.columns)
