"""The forms a reply can have, behind one protocol.

A form reads a text and says how a formless reply is asked for once more. Every text gives rows,
reasons why there are none, or a ParseError.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from closedbook.engine import Child, Dropped
from closedbook.errors import ParseError
from closedbook.flows.parsing.blocks import form_of, parse_blocks
from closedbook.flows.parsing.choices import chosen
from closedbook.flows.parsing.objects import as_text, parse_objects
from closedbook.flows.spec import ParseSpec

NOT_IN_FORM = "not in the form asked for"
NOTHING = re.compile(r"[\s*_`]*\[NOTHING\][\s*_`.]*", re.IGNORECASE)
REPAIR = """\
That reply does not have the form asked for{problem}. Give it again in exactly this form, without \
any other text:

{form}
"""
NOTHING_TO_GIVE = "If there is nothing to give, reply with this alone: {nothing}"
AGAIN = """\
That reply cannot be used: {problem}. Give it again, exactly as it was asked for, without any \
other text."""
SHOWN = 200
"""Characters of a problem that a model is told."""
ParserFunction = Callable[[str], Sequence[Mapping[str, str]]]


class Form(Protocol):
    """How a reply is read. `read` raises ParseError for a reply without the form; its message is a
    reason that can be counted, its hint the particulars."""

    def read(self, text: str, *, truncated: bool) -> Sequence[Child]: ...

    def repair(self, problem: ParseError) -> str:
        """What is said to a model after a formless reply."""
        ...


def says_nothing(text: str) -> bool:
    """Whether a reply plainly says that there is nothing to offer."""
    return NOTHING.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class Whole:
    """The whole text into one column."""

    column: str

    def read(self, text: str, *, truncated: bool) -> Sequence[Child]:
        if truncated or not text:
            return [Dropped("truncated" if truncated else "empty reply", raw=text)]
        return [{self.column: text}]

    def repair(self, problem: ParseError) -> str:
        return AGAIN.format(problem=problem)


@dataclass(frozen=True, slots=True)
class Structured:
    """Blocks of tags, or JSON objects."""

    spec: ParseSpec

    def read(self, text: str, *, truncated: bool) -> Sequence[Child]:
        if says_nothing(text):
            return [Dropped("nothing offered", raw=text)]
        children = self._children(text, truncated)
        if children is None:
            raise ParseError(NOT_IN_FORM, raw=text)
        if not children:
            return [Dropped("nothing offered", raw=text)]
        if self.spec.blocks == "one" and len(children) > 1:
            raise ParseError("more than one block", raw=text)
        return self._with_choices(children, text)

    def repair(self, problem: ParseError) -> str:
        spec = self.spec
        told = f" ({problem.hint[:SHOWN]})" if problem.hint else ""
        only = "Give only one." if spec.blocks == "one" else ""
        nothing = NOTHING_TO_GIVE.format(nothing="[]" if spec.json_keys else "[NOTHING]")
        parts = (
            REPAIR.format(problem=told, form=self._form()),
            self._choices_told(),
            only,
            nothing,
        )
        return "\n".join(filter(None, parts))

    def _children(self, text: str, truncated: bool) -> Sequence[Child] | None:
        spec = self.spec
        if spec.json_keys:
            return parse_objects(text, spec.json_keys, truncated=truncated, optional=spec.optional)
        return parse_blocks(text, spec.tags, truncated=truncated, optional=spec.optional) or None

    def _with_choices(self, children: Sequence[Child], text: str) -> Sequence[Child]:
        """Raises ParseError if no row is left because of what was chosen, or the only one is
        incomplete."""
        read = children
        if self.spec.choices:
            read = [self._with_choice(child, text) for child in children]
        formless = [c for c in read if isinstance(c, Dropped) and c.reason == NOT_IN_FORM]
        if formless and all(isinstance(child, Dropped) for child in read):
            raise ParseError(NOT_IN_FORM, raw=text, hint=formless[0].detail)
        first = read[0]
        if self.spec.blocks == "one" and isinstance(first, Dropped) and first.reason != "truncated":
            raise ParseError(first.reason, raw=text, hint=first.detail)
        return read

    def _with_choice(self, child: Child, text: str) -> Child:
        if isinstance(child, Dropped):
            return child
        columns = dict(child)
        for column, choices in self.spec.choices.items():
            if not columns[column] and column in self.spec.optional:
                continue
            choice = chosen(columns[column], column, choices)
            if choice is None:
                wanted = " or ".join(choices)
                return Dropped(NOT_IN_FORM, f"{column} is not {wanted}: {columns[column]}", text)
            columns[column] = choice
        return columns

    def _form(self) -> str:
        if not self.spec.json_keys:
            return form_of(self.spec.tags)
        content = ", ".join(f'"{key}": "..."' for key in self.spec.json_keys)
        return f"{{{content}}}" if self.spec.blocks == "one" else f"[{{{content}}}, ...]"

    def _choices_told(self) -> str:
        return "".join(
            f"{column if self.spec.json_keys else f'[{column.upper()}]'} is one of:"
            f" {', '.join(choices)}\n"
            for column, choices in self.spec.choices.items()
        )


@dataclass(frozen=True, slots=True)
class Own:
    """A parser of the user's: what it raises becomes a reason."""

    function: ParserFunction
    columns: tuple[str, ...]

    def read(self, text: str, *, truncated: bool) -> Sequence[Child]:
        if truncated:
            return [Dropped("truncated", raw=text)]
        if says_nothing(text):
            return [Dropped("nothing offered", raw=text)]
        try:
            rows = self.function(text)
        except ParseError as error:
            raise ParseError(NOT_IN_FORM, raw=text, hint=str(error)) from None
        except Exception as error:  # noqa: BLE001 - whatever a user's function raises is a reason
            return [Dropped("the parser failed", f"{type(error).__name__}: {error}", text)]
        if not isinstance(rows, list | tuple):
            return [Dropped("the parser failed", f"it gave no list, but {rows!r:.80}", text)]
        if not rows:
            return [Dropped("nothing offered", raw=text)]
        return [taken(row, self.columns, text) for row in rows]

    def repair(self, problem: ParseError) -> str:
        return AGAIN.format(problem=problem.hint.rstrip(".") or NOT_IN_FORM)


def taken(row: object, columns: Sequence[str], raw: str = "") -> Child:
    """The columns of what a user's function gave, as texts."""
    if not isinstance(row, Mapping):
        return Dropped("not columns", f"the function gave {row!r:.80}, not a mapping", raw)
    missing = [column for column in columns if row.get(column) is None]
    if missing:
        return Dropped("a part is missing", f"the function gave no {missing[0]!r}", raw)
    return {column: as_text(row[column]) for column in columns}
