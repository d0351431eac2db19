"""What a mixture is made from; light, so that planning a run loads no tokenizer."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from closedbook.students import StudentSource


@dataclass(frozen=True, slots=True)
class Ingredients:
    """What a mixture is made from and for whom. `max_length` is in tokens of the student's
    tokenizer, `passage_characters` the longest passage shown beside a question."""

    documents: Path
    curated: Path
    replay: Path | None
    student: StudentSource
    max_length: int
    passage_characters: int
