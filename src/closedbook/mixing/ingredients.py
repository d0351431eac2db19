"""What a mixture is made from; light, so that planning a run loads no tokenizer."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from closedbook.config import Recipe
from closedbook.models.profiles import Profile
from closedbook.students import StudentSource


@dataclass(frozen=True, slots=True)
class Ingredients:
    """What a mixture is made from and for whom. `knowledge` is the folder of pairs and study texts;
    `replay` a file, or the name of a dataset; `profile` the student's; `max_length` is in tokens of
    its tokenizer, `passage_characters` the longest passage shown beside a question."""

    recipe: Recipe
    documents: Path
    knowledge: Path
    replay: Path | str | None
    student: StudentSource
    profile: Profile
    max_length: int
    passage_characters: int
