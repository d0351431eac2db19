"""YAML as it was written: every part with its file and line, so that files can be merged and a
mistake still be shown where it was made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from closedbook.config.yaml_lines import KeyPath, LineOf, load_yaml
from closedbook.errors import FlowError


@dataclass(frozen=True, slots=True)
class Node:
    """A value with its place; a mapping or a list holds nodes."""

    value: Any
    file: Path
    line: int

    @property
    def entries(self) -> dict[str, Node]:
        """The keys below this node; none if it is no mapping."""
        return self.value if isinstance(self.value, dict) else {}

    @property
    def items(self) -> list[Node]:
        """The elements of this node; none if it is no list."""
        return self.value if isinstance(self.value, list) else []

    def at(self, path: KeyPath) -> Node:
        """The node of a key path, or its nearest written parent."""
        if not path:
            return self
        part, *rest = path
        if isinstance(part, int):
            below = self.items[part] if part < len(self.items) else None
        else:
            below = self.entries.get(part)
        return below.at(tuple(rest)) if below else self

    def plain(self) -> Any:
        """The value without places."""
        if isinstance(self.value, dict):
            return {key: node.plain() for key, node in self.value.items()}
        if isinstance(self.value, list):
            return [node.plain() for node in self.value]
        return self.value

    def with_entries(self, entries: Mapping[str, Node]) -> Node:
        return Node(dict(entries), self.file, self.line)

    def error(self, message: str, hint: str = "") -> FlowError:
        return FlowError(message, file=self.file, line=self.line, hint=hint)


def read_node(file: Path) -> Node:
    """Raises FlowError for a file that cannot be read or is not YAML."""
    data, line_of = load_yaml(file, FlowError)
    return _node(data, (), file, line_of)


def _node(data: Any, path: KeyPath, file: Path, line_of: LineOf) -> Node:
    value = data
    if isinstance(data, dict):
        value = {str(k): _node(item, (*path, k), file, line_of) for k, item in data.items()}
    elif isinstance(data, list):
        value = [_node(item, (*path, i), file, line_of) for i, item in enumerate(data)]
    return Node(value, file, line_of(path))


def merged(below: Node, above: Node) -> Node:
    """`above` laid over `below`: mappings key by key, anything else replaced; null takes a key
    away."""
    if not (isinstance(below.value, dict) and isinstance(above.value, dict)):
        return above
    entries = dict(below.value)
    for key, node in above.value.items():
        if node.value is None:
            entries.pop(key, None)
        else:
            entries[key] = merged(entries[key], node) if key in entries else node
    return below.with_entries(entries)
