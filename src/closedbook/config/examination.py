"""What is asked of students, and how: `evaluate`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, PositiveInt

from closedbook.config.section import Settings


class Evaluate(Settings):
    """What is asked. `retrieved` is how many passages a RAG prompt holds; `passage_characters`
    bounds their length; `resamples` is the number of random sign
    flips behind a p."""

    conditions: tuple[Literal["closed_book", "rag", "open_book"], ...] = (
        "closed_book",
        "rag",
        "open_book",
    )
    retrieved: PositiveInt = 2
    passage_characters: PositiveInt = 1024
    answer_tokens: PositiveInt = 24
    resamples: Annotated[int, Field(ge=1000)] = 10_000
    seed: int = 0
