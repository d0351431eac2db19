"""Lists that a model writes one item a line."""

from __future__ import annotations

import re
from collections.abc import Mapping

from closedbook.flows.plugins import step

_MARK = re.compile(r"^\s*(?:[-*•–]|\d+[.)])\s+")


@step("list_facts")
def list_facts(row: Mapping[str, str]) -> list[dict[str, str]]:
    """Column `atomic_facts` -> one row per item, in the column `fact`."""
    return [{"fact": item} for item in items(row["atomic_facts"])]


@step("list_strategies")
def list_strategies(row: Mapping[str, str]) -> list[dict[str, str]]:
    """Column `strategies` -> one row per item, in the column `strategy`."""
    return [{"strategy": item} for item in items(row["strategies"])]


def items(text: str) -> list[str]:
    """The items of a list, each once. Where lines have marks, those without are an introduction or
    go on with the item before; where none has, every line is an item."""
    lines = [line for line in text.splitlines() if line.strip()]
    marked = any(map(_MARK.match, lines))
    found: list[str] = []
    for line in lines:
        bare = _MARK.sub("", line, count=1).strip()
        if not marked or _MARK.match(line):
            found.append(bare)
        elif found and line[:1].isspace():
            found[-1] = f"{found[-1]} {bare}"
    return [item for item in dict.fromkeys(found) if item != "[NOTHING]"]
