"""A user's own steps and parsers: functions in the project's `steps/*.py`, or in a package.

from closedbook import ParseError, parser, step

@step("shorten")
def shorten(row): return {"short": row["text"][:100]}

@parser("numbered")
def numbered(text): return [{"question": line} for line in text.splitlines()]
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from closedbook.errors import UserError
from closedbook.flows.parsing.form import ParserFunction
from closedbook.registry import Registry, load_folder

Made = Mapping[str, object] | Sequence[Mapping[str, object]] | None
StepFunction = Callable[[Mapping[str, str]], Made]
OwnStep = TypeVar("OwnStep", bound=StepFunction)
Function = TypeVar("Function", bound=Callable[..., object])
STEPS: Registry[StepFunction] = Registry("steps", "function")
PARSERS: Registry[ParserFunction] = Registry("parsers", "parser")


def step(name: str) -> Callable[[OwnStep], OwnStep]:
    """A decorator: the function is called by flows as `call: {function: NAME}` with a row's columns
    and gives those of one child, of several, or None. What it raises is a rejection: of a StepError
    the message is the reason, so it should be short and countable, and the hint the particulars."""

    def add(function: OwnStep) -> OwnStep:
        STEPS.register(name)(function)
        return function

    return add


def parser(name: str) -> Callable[[ParserFunction], ParserFunction]:
    """A decorator: the function reads replies for flows that say `parse: {parser: NAME}`. It raises
    ParseError for a reply without the form, which is then asked for once more."""
    return PARSERS.register(name)


class Plugins:
    """The functions of a project; its files are imported when the first one is looked up."""

    def __init__(self, project: Path) -> None:
        self._folder = project / "steps"

    def find(self, registry: Registry[Function], name: str) -> Function:
        """Raises UserError: a file that cannot be imported, a name that nobody has."""
        if self._problem:
            raise self._problem
        return registry.get(name)

    @cached_property
    def _problem(self) -> UserError | None:
        try:
            load_folder(self._folder)
        except UserError as error:
            return error
        return None


def source_of(function: Callable[..., object]) -> Path | None:
    """The Python file a function was written in, if that can be said."""
    try:
        file = inspect.getsourcefile(inspect.unwrap(function))
    except TypeError:
        return None
    return Path(file) if file else None
