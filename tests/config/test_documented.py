"""docs/configuration.md names every key, with its default."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from closedbook.config import Config

PAGE = (Path(__file__).parents[2] / "docs" / "configuration.md").read_text(encoding="utf-8")


def models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for item in get_args(annotation):
        yield from models(item)


def keys(model: type[BaseModel]) -> Iterator[str]:
    for name, field in model.model_fields.items():
        yield name
        for inner in models(field.annotation):
            yield from keys(inner)


@pytest.mark.parametrize("key", sorted(set(keys(Config))))
def test_every_key_is_documented(key: str) -> None:
    assert f"`{key}`" in PAGE or f".{key}`" in PAGE or f"## {key}" in PAGE or f", {key}" in PAGE
