"""A small YAML file as one strict record, its first mistake told with file and line.

For files of a few keys (profiles, in-context examples); closedbook.yaml has `loading`.
"""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

import orjson
from pydantic import BaseModel, ValidationError

from closedbook.config.explaining import explained
from closedbook.config.yaml_lines import LineOf, load_yaml
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
        message, hint = explained(problem, problem["loc"], kind, what)
        raise ConfigError(message, file=file, line=line_of(problem["loc"]), hint=hint) from None
    except TypeError as error:
        raise ConfigError(f"holds what {what} cannot: {error}", file=file) from None
