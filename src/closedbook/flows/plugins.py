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
from pathlib import Path
from typing import TypeVar

from closedbook.errors import UserError
from closedbook.flows.parsing.form import ParserFunction
from closedbook.registry import Registry, load_folder

Made = Mapping[str, object] | Sequence[Mapping[str, object]] | None
StepFunction = Callable[[Mapping[str, str]], Made]
OwnStep = TypeVar("OwnStep", bound=StepFunction)
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
    """The functions of a project; its files are imported when the first one is looked up.

    Lookups raise UserError: a file that cannot be imported, a name that nobody has.
    """

    def __init__(self, project: Path) -> None:
        self._folder = project / "steps"
        self._error: UserError | None = None
        self._loaded = False

    def step(self, name: str) -> StepFunction:
        self._load()
        return STEPS.get(name)

    def parser(self, name: str) -> ParserFunction:
        self._load()
        return PARSERS.get(name)

    def _load(self) -> None:
        if not self._loaded:
            self._loaded = True
            try:
                load_folder(self._folder)
            except UserError as error:
                self._error = error
        if self._error:
            raise self._error


def source_of(function: Callable[..., object]) -> Path | None:
    """The Python file a function was written in, if that can be said."""
    try:
        file = inspect.getsourcefile(inspect.unwrap(function))
    except TypeError:
        return None
    return Path(file) if file else None
