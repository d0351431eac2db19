"""A mistake that only shows when a project is looked at as a whole, told where closedbook.yaml says
it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import getitem
from pathlib import Path

from closedbook.config.loading import FILE_NAME
from closedbook.config.yaml_lines import KeyPath, holds, load_yaml
from closedbook.errors import ConfigError


def mistake(
    project: Path, paths: Sequence[KeyPath], message: str, hint: str = "", *, name: str = ""
) -> ConfigError:
    """At the line of the first of `paths` that was written; at none if the value came from
    elsewhere. With the `name` of something that is not there: of the first that lists it."""
    file = project / FILE_NAME
    written, line_of = load_yaml(file) if file.is_file() else ({}, lambda _: 1)
    if name:
        message = f"{'.'.join(map(str, paths[0]))}: {message}"
        listed = {path: reduce(getitem, path, written) for path in paths if holds(written, path)}
        paths = [(*p, n) for p in listed for n, item in enumerate(listed[p] or ()) if item == name]
    line = next((line_of(path) for path in paths if holds(written, path)), None)
    return ConfigError(message, file=file, line=line, hint=hint)
