"""From a flow's name to its spec: the file, what it extends, and whether its shape is right.

Knows keys and names of steps, not prompts or columns (`building`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import orjson
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from closedbook.config.explaining import explained
from closedbook.config.yaml_lines import KeyPath
from closedbook.errors import FlowError
from closedbook.flows.inheriting import Inheritance, named_steps
from closedbook.flows.places import find_flow
from closedbook.flows.spec import NAME, FlowSpec
from closedbook.flows.written import Node, read_node


@dataclass(frozen=True, slots=True)
class ReadFlow:
    """A spec, where each part of it was written, and the flow files it came from. Every step has
    its name."""

    spec: FlowSpec
    node: Node
    files: tuple[Path, ...]


def read_flow(name: str, project: Path, problems: list[FlowError]) -> ReadFlow | None:
    """The flow, if its shape is right; what is wrong is added to `problems`."""
    files: list[Path] = []
    try:
        node = _resolved(find_flow(name, project), project, files, problems)
    except FlowError as error:
        problems.append(error)
        return None
    try:
        # As JSON: there a list is a valid tuple even in strict mode.
        content = orjson.dumps(node.plain(), option=orjson.OPT_NON_STR_KEYS)
        spec = FlowSpec.model_validate_json(content)
    except ValidationError as error:
        problems.extend(_problems(error, node))
        return None
    except TypeError as error:
        problems.append(node.error(f"holds what a flow cannot: {error}"))
        return None
    return ReadFlow(spec, node, tuple(files))


def _resolved(path: Path, project: Path, files: list[Path], problems: list[FlowError]) -> Node:
    """The file with what it extends. Raises FlowError."""
    files.append(path)
    own = read_node(path)
    extends = own.entries.get("extends")
    if extends is None or not isinstance(extends.value, str):
        only_extending(own, problems)
        return named_steps(own, problems)
    try:
        # A project's own `qa` may extend the shipped `qa`.
        base = find_flow(extends.value, project, without=files)
    except FlowError as error:
        raise extends.error(f"extends: no other flow {extends.value!r}", error.hint) from None
    if base in files:
        raise extends.error(f"extends: {extends.value!r} extends this flow in turn")
    inherited = _resolved(base, project, files, problems)
    return Inheritance(own, inherited, problems).resolved()


def only_extending(node: Node, problems: list[FlowError]) -> None:
    """Keys that mean nothing without `extends`."""
    hint = "it changes what a flow inherits: add extends: NAME"
    steps = node.entries.get("steps")
    for holder, key in (
        (node, "change"),
        (node, "without"),
        *((step, "before") for step in (steps.items if steps else ())),
    ):
        if key in holder.entries:
            problems.append(holder.entries[key].error(f"{key!r} without extends", hint))


def _problems(error: ValidationError, node: Node) -> Sequence[FlowError]:
    """Each problem at its place, in the order of the file."""
    found = []
    for problem in error.errors(include_url=False):
        location = tuple(part for part in problem["loc"] if part != "[key]")
        message, hint = _explained(problem, location)
        found.append(node.at(location).error(message, hint))
    return sorted(found, key=lambda item: item.line or 0)


def _explained(problem: ErrorDetails, location: KeyPath) -> tuple[str, str]:
    """A pydantic problem as (message, hint)."""
    name, given = ".".join(map(str, location)), problem["input"]
    match problem["type"]:
        case "value_error":
            return str(problem["ctx"]["error"]), ""
        case "string_pattern_mismatch":
            of_column = problem["ctx"]["pattern"] != NAME
            hint = "a-z, 0-9 and _, a letter first" if of_column else "letters, digits, - and _"
            return f"{name}: {given!r} is no name", hint
        case "too_short":
            return f"{name}: at least one is needed", ""
        case "string_type" if isinstance(given, bool | int | float):
            return f"{name}: YAML reads {given!r} here, not a text", "put it in quotes"
        case "extra_forbidden" | "missing":
            location = location[-1:]
    return explained(problem, location, FlowSpec, "a flow")
