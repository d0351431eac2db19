"""Named plugins: functions a user adds in the project folder or ships in a package.

    @FILTERS.register("no years")
    def no_years(pair: QAPair) -> str: ...

A registry is filled by its decorator. Files of the project folder are imported by `load_folder`;
packages announce theirs as entry points of the group `closedbook.KIND`. Knows nothing of what a
plugin does.
"""

from __future__ import annotations

import importlib.util
import sys
import traceback
from collections.abc import Callable, Iterator
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any, Generic, TypeVar

from closedbook.errors import UserError
from closedbook.hints import did_you_mean

Plugin = TypeVar("Plugin")


@cache
def announced(group: str) -> tuple[EntryPoint, ...]:
    """What installed packages announce in a group; they are all read once, which takes a while."""
    return tuple(entry_points(group=group))


class Registry(Generic[Plugin]):
    """The plugins of one kind ("filters"), by name; `what` is what messages call one."""

    def __init__(self, kind: str, what: str) -> None:
        self.kind = kind
        self.what = what
        self._plugins: dict[str, Plugin] = {}

    def __iter__(self) -> Iterator[str]:
        return iter(self._plugins)

    def register(self, name: str) -> Callable[[Plugin], Plugin]:
        """A decorator that adds a plugin under `name`; the last one of a name wins."""

        def add(plugin: Plugin) -> Plugin:
            self._plugins[name] = plugin
            return plugin

        return add

    def get(self, name: str) -> Plugin:
        """The plugin of a name, looking among installed packages where no file registered it.

        Raises UserError with the nearest known name, or what a package's plugin raised.
        """
        if name not in self._plugins:
            for point in announced(self._group):
                if point.name == name:
                    self._plugins[name] = _loaded(point, self.what)
        if name not in self._plugins:
            hint = did_you_mean(name, self._known())
            raise UserError(f"no {self.what} {name!r}", hint=hint)
        return self._plugins[name]

    @property
    def _group(self) -> str:
        return f"closedbook.{self.kind}"

    def _known(self) -> list[str]:
        return list(dict.fromkeys([*self, *(point.name for point in announced(self._group))]))


def load_folder(folder: Path) -> list[Path]:
    """Import every Python file of `folder` (which need not exist), so that its decorators run.

    Returns the files. Raises UserError with file and reason where one cannot be imported.
    """
    files = sorted(folder.glob("*.py"))
    for file in files:
        _import(file)
    return files


def _loaded(point: EntryPoint, what: str) -> Any:
    try:
        return point.load()
    except Exception as error:
        problem = f"{type(error).__name__}: {error}"
        hint = "mend or remove the package"
        raise UserError(
            f"the {what} {point.name!r} of a package ({point.value}): {problem}", hint=hint
        ) from error


def _import(file: Path) -> None:
    name = f"closedbook_project_{file.parent.name}_{file.stem}"
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise UserError(f"{file}: cannot be imported", hint="it must be a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        place = f"{file}:{_line_in(file, error)}"
        raise UserError(
            f"{place}: {type(error).__name__}: {error}", hint="mend the file"
        ) from error


def _line_in(file: Path, error: BaseException) -> int:
    """The line of `file` that raised, or that could not be read."""
    name = str(file.absolute())  # as the interpreter calls it
    if isinstance(error, SyntaxError) and error.filename == name:
        return error.lineno or 1
    frames = traceback.extract_tb(error.__traceback__)
    return next((frame.lineno or 1 for frame in reversed(frames) if frame.filename == name), 1)
