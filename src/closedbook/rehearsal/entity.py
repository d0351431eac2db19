"""The subject of one document."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Entity:
    """`facts` maps each relation of the entity's kind to its value; `article` is its Markdown."""

    kind: str
    name: str
    facts: dict[str, str]
    article: str
