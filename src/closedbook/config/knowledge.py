"""What the teacher is asked for, and what of it is kept: `generate`, `curate`."""

from __future__ import annotations

from pydantic import PositiveInt

from closedbook.config.section import Settings


class Generate(Settings):
    """Which flows ask the teacher: names of shipped flows or of files in the project's `flows/`."""

    flows: tuple[str, ...] = ("qa", "study")


class Curate(Settings):
    """What a generated row must satisfy to be kept; `filters` names the project's own tests, run
    after the built-in ones."""

    filters: tuple[str, ...] = ()
    max_answer_characters: PositiveInt = 4000
