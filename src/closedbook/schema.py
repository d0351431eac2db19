"""JSON Schemas of closedbook.yaml and of flow files, made from the models that read them."""

from __future__ import annotations

import json
from typing import Any, Literal

from closedbook.config import Config
from closedbook.flows.spec import FlowSpec

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema_of(which: Literal["config", "flow"]) -> str:
    """The schema as JSON text that ends with a newline."""
    model = Config if which == "config" else FlowSpec
    schema = {"$schema": DIALECT, **_without_titles(model.model_json_schema())}
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def _without_titles(schema: dict[str, Any]) -> dict[str, Any]:
    """Pydantic's titles repeat the names of keys."""
    return {
        key: _plain(part) if key != "properties" else {n: _plain(p) for n, p in part.items()}
        for key, part in schema.items()
        if key != "title"
    }


def _plain(part: Any) -> Any:
    if isinstance(part, dict):
        return _without_titles(part)
    return [_plain(item) for item in part] if isinstance(part, list) else part
