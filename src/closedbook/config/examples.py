"""In-context examples: `icl`."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from closedbook.config.section import Settings


class Icl(Settings):
    """Where in-context examples are, and which a document is shown: one of its own `domain`, or any
    at `random`; `seed` decides among several."""

    file: str = Field(default="icl.yaml", min_length=1)
    choose: Literal["domain", "random"] = "domain"
    seed: int = 0
