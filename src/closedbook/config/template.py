"""The commented closedbook.yaml that `closedbook init` writes."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

TEMPLATE = Path(__file__).with_name("template.yaml")


def render_template(documents: str, exam: str | None) -> str:
    """The file for a documents folder and an exam, both as they shall stand in it."""
    text = TEMPLATE.read_text(encoding="utf-8")
    values = {"DOCUMENTS": _quoted(documents), "EXAM": _quoted(exam)}
    return re.sub("DOCUMENTS|EXAM", lambda match: values[match[0]], text)


def _quoted(value: str | None) -> str:
    """A YAML scalar on one line."""
    return yaml.safe_dump(value, width=10_000, allow_unicode=True).partition("\n")[0]
