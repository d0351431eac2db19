"""Reading `summary.json`."""

from __future__ import annotations

import json
from pathlib import Path

from pydantic import TypeAdapter

from closedbook.errors import InputError
from closedbook.records import SUMMARY_VERSION, Summary


def read_summary(path: Path) -> Summary:
    """The summary of a file; raises InputError if there is none or it is of another version."""
    if not path.is_file():
        raise InputError(f"{path}: there is no summary", hint="run the evaluation first")
    try:
        stored = json.loads(path.read_bytes())
        version = stored.get("version", SUMMARY_VERSION) if isinstance(stored, dict) else None
        if version != SUMMARY_VERSION:
            raise InputError(
                f"{path}: a summary of version {version}, not {SUMMARY_VERSION}",
                hint="run the evaluation again",
            )
        return TypeAdapter(Summary).validate_python(stored)
    except ValueError as error:
        raise InputError(f"{path}: not a summary of version {SUMMARY_VERSION}") from error
