"""A small YAML file as one strict record, its first mistake told with file and line.

For files of a few keys (profiles, in-context examples); closedbook.yaml has `loading`.
"""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import TypeVar, get_args

import orjson
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from closedbook.config.yaml_lines import KeyPath, LineOf, load_yaml
from closedbook.errors import ConfigError

Record = TypeVar("Record", bound=BaseModel)


def read_strictly(file: Path, kind: type[Record], what: str) -> tuple[Record, LineOf]:
    """The record in `file`, and the lines of its keys; `what` is what a person calls such a file
    ("a profile"). Raises ConfigError."""
    data, line_of = load_yaml(file)
    try:
        # As JSON: there a list is a valid tuple even in strict mode.
        content = orjson.dumps(data, option=orjson.OPT_NON_STR_KEYS)
        return kind.model_validate_json(content), line_of
    except ValidationError as error:
        problems = error.errors(include_url=False)
        # A key that is misspelt is missing too.
        problem = min(
            problems, key=lambda item: (item["type"] != "extra_forbidden", line_of(item["loc"]))
        )
        message, hint = _explained(problem, kind, what)
        raise ConfigError(message, file=file, line=line_of(problem["loc"]), hint=hint) from None
    except TypeError as error:
        raise ConfigError(f"holds what {what} cannot: {error}", file=file) from None


def _explained(problem: ErrorDetails, kind: type[BaseModel], what: str) -> tuple[str, str]:
    """A pydantic problem as (message, hint)."""
    path: KeyPath = problem["loc"]
    name = ".".join(map(str, path))
    match problem["type"]:
        case "extra_forbidden":
            known = _keys_at(path[:-1], kind)
            close = difflib.get_close_matches(str(path[-1]), known, n=1)
            hint = f"did you mean {close[0]!r}?" if close else f"known here: {', '.join(known)}"
            return f"unknown key {name!r}", hint
        case "missing":
            return f"the key {name!r} is missing", "add it"
        case "value_error":
            return f"{name!r}: {problem['ctx']['error']}", "change the value"
        case "model_type":
            where = f"{name!r}" if name else what
            return f"{where} must hold keys and values", f"known: {', '.join(_keys_at(path, kind))}"
        case _:
            return f"{name!r}: {problem['msg']}, not {problem['input']!r:.80}", "change the value"


def _keys_at(path: KeyPath, kind: type[BaseModel]) -> list[str]:
    model = kind
    for part in path:
        if isinstance(part, int):
            continue
        annotation = model.model_fields[part].annotation
        model = next(
            item
            for item in (annotation, *get_args(annotation))
            if isinstance(item, type) and issubclass(item, BaseModel)
        )
    return list(model.model_fields)
