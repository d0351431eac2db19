"""YAML with the line of every key, so that a mistake can be shown where it was written.

Knows nothing of what the keys mean. A file that is not YAML, or says a key twice, is a ConfigError
(or the subclass asked for) with its line.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import yaml

from closedbook.errors import ConfigError

KeyPath = tuple[str | int, ...]
LineOf = Callable[[KeyPath], int]
FLOAT_TAG = "tag:yaml.org,2002:float"
SafeLoader: type[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Loader(SafeLoader):  # type: ignore[misc]
    """YAML 1.2 numbers: PyYAML's 1.1 reads 1e-4 as a text. `.nan` and `.inf`, which no key can
    mean and JSON would leave out, are the texts they are."""

    def construct_yaml_float(self, node: yaml.ScalarNode) -> float | str:
        number = super().construct_yaml_float(node)
        return number if math.isfinite(number) else str(node.value)


FLOAT = re.compile(r"[-+]?\d+(\.\d*)?[eE][-+]?\d+$")
FLOAT_BEGINS = list("-+0123456789")
Loader.add_constructor(FLOAT_TAG, Loader.construct_yaml_float)
Loader.add_implicit_resolver(FLOAT_TAG, FLOAT, FLOAT_BEGINS)


def load_yaml(path: Path, error: type[ConfigError] = ConfigError) -> tuple[Any, LineOf]:
    """The content of `path` and a function from a key path to its 1-based line.

    A path that was not written has the line of its nearest written parent.
    """
    return parse_yaml(_text_of(path, error), path, error)


def parse_yaml(
    text: str, path: Path, error: type[ConfigError] = ConfigError, *, first_line: int = 1
) -> tuple[Any, LineOf]:
    """The same for a text that begins at `first_line` of `path`."""
    lines: dict[KeyPath, int] = {}
    try:
        loader = Loader(text)
        try:
            node = loader.get_single_node()
            lines.update(_marks(node, (), path, error, first_line))
            data = loader.construct_document(node) if node is not None else None
        finally:
            loader.dispose()
    except yaml.YAMLError as problem:
        raise _not_yaml(problem, path, error, first_line) from None

    def line_of(key: KeyPath) -> int:
        while key and key not in lines:
            key = key[:-1]
        return lines.get(key, first_line)

    return data, line_of


def holds(data: Any, path: KeyPath) -> bool:
    """Whether something was written at a path."""
    try:
        for part in path:
            data = data[part]
    except (KeyError, IndexError, TypeError):
        return False
    return True


def _text_of(path: Path, error: type[ConfigError]) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as problem:
        raise error(f"cannot be read: {problem.strerror}", file=path) from None
    except UnicodeDecodeError:
        raise error("is not UTF-8 text", file=path, hint="save it as UTF-8") from None


def _marks(
    node: Any, path: KeyPath, file: Path, error: type[ConfigError], first_line: int
) -> Iterator[tuple[KeyPath, int]]:
    """(key path, line) of everything below `node`; a key has its own line, not its value's."""
    if isinstance(node, yaml.MappingNode):
        seen = set()
        for key, value in node.value:
            below, line = (*path, key.value), key.start_mark.line + first_line
            if key.value in seen and key.value != "<<":
                raise error(f"the key {key.value!r} is there twice", file=file, line=line)
            seen.add(key.value)
            yield below, line
            yield from _marks(value, below, file, error, first_line)
    elif isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            yield (*path, index), item.start_mark.line + first_line
            yield from _marks(item, (*path, index), file, error, first_line)


def _not_yaml(
    problem: yaml.YAMLError, path: Path, error: type[ConfigError], first_line: int
) -> ConfigError:
    mark = getattr(problem, "problem_mark", None)
    what = getattr(problem, "problem", None) or str(problem).splitlines()[0]
    line = mark.line + first_line if mark else None
    return error(f"not YAML: {what}", file=path, line=line, hint="check indentation and quotes")
