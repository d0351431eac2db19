"""What pydantic found wrong with a file, as a message and a hint for the person who wrote it.

Knows records and their keys, not where a file says them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, get_args

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from closedbook.config.yaml_lines import KeyPath
from closedbook.hints import did_you_mean


def explained(
    problem: ErrorDetails, path: KeyPath, kind: type[BaseModel], what: str = "the file"
) -> tuple[str, str]:
    """A problem at `path` of a record of this `kind` as (message, hint); `what` is what a person
    calls the whole of it."""
    name = repr(".".join(map(str, path))) if path else what
    given = "" if path[-1:] == ("api_key",) else f", not {problem['input']!r:.80}"
    message, hint = f"{name}: {problem['msg']}{given}", ""
    match problem["type"]:
        case "extra_forbidden":
            message = f"unknown key {name}"
            hint = did_you_mean(str(path[-1]), keys_at(problem["loc"][:-1], kind))
        case "missing":
            message, hint = f"the key {name} is missing", "add it"
        case "union_tag_invalid" | "union_tag_not_found":
            message = f"{name} needs a known kind"
            hint = f"kind: one of {', '.join(map(repr, _kinds_at(path, kind)))}"
        case "value_error":
            message = f"{name}: {problem['ctx']['error']}"
        case "model_type" | "model_attributes_type" | "dict_type":
            message = f"{name} must hold keys and values{given}"
            first = f"kind: {kinds[0]}" if (kinds := _kinds_at(path, kind)) else "key: value"
            hint = f"write {path[-1]}: {{{first}}}" if path else ""
        case "list_type" | "tuple_type":
            message, hint = f"{name} must be a list{given}", "write [..., ...]"
    return message, hint


def keys_at(location: KeyPath, kind: type[BaseModel]) -> set[str]:
    """The keys that a record of this `kind` knows at a location: of several members of a union
    those of the one that its last part names."""
    models = _at(location, kind)
    named = [model for model in models if location and location[-1] in _tags([model])]
    fields = (item for model in named or models for item in model.model_fields.items())
    return {field.alias or name for name, field in fields}


def _kinds_at(path: KeyPath, kind: type[BaseModel]) -> list[str]:
    """What the key `kind` may be at a path; empty where there is none."""
    return _tags(_at(path, kind))


def _tags(models: Iterable[type[BaseModel]]) -> list[str]:
    fields = (model.model_fields.get("kind") for model in models)
    return [tag for field in fields if field for tag in get_args(field.annotation)]


def _at(path: KeyPath, kind: type[BaseModel]) -> list[type[BaseModel]]:
    models = [kind]
    for part in path:
        annotations = [
            model.model_fields[str(part)].annotation
            for model in models
            if part in model.model_fields
        ]
        models = [model for item in annotations for model in _models_in(item)] or models
    return models


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for item in get_args(annotation):
        yield from _models_in(item)
