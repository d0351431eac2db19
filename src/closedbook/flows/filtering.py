"""The step `filter`: keep the rows for which an expression is true.

Expressions are sandboxed Jinja, never Python's eval.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from jinja2.environment import TemplateExpression

from closedbook.engine import Ask, Child, Dropped, Row
from closedbook.errors import StepError
from closedbook.flows.prompts import ENVIRONMENT, UNUSABLE
from closedbook.flows.spec import SOURCE_COLUMNS, FilterSpec


def compile_where(where: str) -> TemplateExpression:
    """Raises TemplateSyntaxError."""
    return ENVIRONMENT.compile_expression(where, undefined_to_none=False)


@dataclass(frozen=True, slots=True)
class FilterStep:
    """Drops a row with `spec.reason` unless `where` holds for it."""

    name: str
    spec: FilterSpec
    where: TemplateExpression

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
            f"{name}: {text}" for name, text in row.columns.items() if name not in SOURCE_COLUMNS
        ]
        return [Dropped(self.spec.reason, self.spec.where, "\n".join(made))]
