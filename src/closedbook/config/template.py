"""The commented closedbook.yaml that `closedbook init` writes: one of several presets."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, get_args

import yaml

Preset = Literal["rehearsal", "mixed-training", "nemotron-quality"]
PRESETS: tuple[Preset, ...] = get_args(Preset)
FOLDER = Path(__file__).with_name("presets")
QUALITY = tuple(f"quality/QuALITY.v1.0.1.htmlstripped.{part}" for part in ("train", "dev"))
"""Where `closedbook exam fetch quality` puts the exam."""


def render_template(
    documents: str,
    exam: str | None,
    preset: Preset = "rehearsal",
    quality: Sequence[str] = QUALITY,
) -> str:
    """The file for a documents folder and an exam, as they shall stand in it; of a preset about
    QuALITY its files stand in the exam's place."""
    text = (FOLDER / f"{preset}.yaml").read_text(encoding="utf-8")
    values = {
        "DOCUMENTS": _quoted(documents),
        "EXAM": _quoted(exam),
        "QUALITY": f"[{', '.join(map(_quoted, quality))}]",
    }
    return re.sub(r": (DOCUMENTS|EXAM|QUALITY)\b", lambda match: f": {values[match[1]]}", text)


def _quoted(value: str | None) -> str:
    """A YAML scalar on one line."""
    return yaml.safe_dump(value, width=10_000, allow_unicode=True).partition("\n")[0]
