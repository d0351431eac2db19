"""A condition over a row: a sandboxed Jinja expression, never Python's eval."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from jinja2.environment import TemplateExpression

from closedbook.errors import StepError
from closedbook.flows.prompts import ENVIRONMENT, UNUSABLE


@dataclass(frozen=True, slots=True)
class Condition:
    """An expression as it was written, and compiled."""

    source: str
    expression: TemplateExpression

    @classmethod
    def compiled(cls, source: str) -> Condition:
        """Raises TemplateSyntaxError."""
        return cls(source, ENVIRONMENT.compile_expression(source, undefined_to_none=False))

    def holds(self, columns: Mapping[str, str]) -> bool:
        """Raises StepError for a row that the expression does not fit."""
        try:
            return bool(self.expression(**columns))
        except UNUSABLE as error:
            raise StepError(f"{self.source}: {error}") from None
