"""Reading `summary.json`."""

from __future__ import annotations

from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from closedbook.errors import InputError
from closedbook.records import SUMMARY_VERSION, Summary


def read_summary(path: Path) -> Summary:
    """The summary of a file; raises InputError if there is none or it is of another version."""
    if not path.is_file():
        raise InputError(f"{path}: there is no summary", hint="run the evaluation first")
    try:
        summary = TypeAdapter(Summary).validate_json(path.read_bytes())
    except ValidationError as error:
        raise InputError(f"{path}: not a summary of version {SUMMARY_VERSION}") from error
    if summary.version != SUMMARY_VERSION:
        raise InputError(
            f"{path}: a summary of version {summary.version}, not {SUMMARY_VERSION}",
            hint="run the evaluation again",
        )
    return summary
