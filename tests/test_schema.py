"""The JSON Schemas say what the models say, and take the files we ship."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, Literal

import orjson
import pytest
import yaml
from jsonschema import Draft202012Validator

from closedbook.config import render_template
from closedbook.flows.places import LIBRARY
from closedbook.schema import schema_of

ROOT = Path(__file__).parents[1]
GOOD = {"flow": "mine", "makes": "study", "steps": [{"ask": {"prompt": "p", "into": "text"}}]}


@cache
def validator(which: Literal["config", "flow"]) -> Draft202012Validator:
    schema = orjson.loads(schema_of(which))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


@pytest.mark.parametrize("which", ["config", "flow"])
def test_the_committed_schema_is_that_of_the_models(which: Literal["config", "flow"]) -> None:
    committed = (ROOT / "docs" / "schemas" / f"{which}.json").read_text(encoding="utf-8")
    assert committed == schema_of(which), f"closedbook schema {which} > docs/schemas/{which}.json"


@pytest.mark.parametrize("path", sorted(LIBRARY.glob("*.yaml")), ids=lambda path: path.stem)
def test_shipped_flows_fit_the_schema(path: Path) -> None:
    validator("flow").validate(yaml.safe_load(path.read_text(encoding="utf-8")))


def test_the_template_of_the_config_fits_the_schema() -> None:
    for exam in (None, "exam.jsonl"):
        validator("config").validate(yaml.safe_load(render_template("documents", exam)))


@pytest.mark.parametrize(
    ("change", "right"),
    [
        ({}, True),
        ({"steps": [{"ask": {"prompt": "p", "into": "text"}, "name": "first"}]}, True),
        ({"steps": [{"copy": {"a": "title"}}, {"drop": ["a"]}]}, True),
        ({"steps": [{"ask": {"prompt": "p", "parse": {"json": ["text"]}}}]}, True),
        ({"steps": []}, False),
        ({"steps": [{"name": "first"}]}, False),
        ({"steps": [{"drop": ["a"], "copy": {"a": "b"}}]}, False),
        ({"steps": [{"ask": {"prompt": "p", "intoo": "text"}}]}, False),
        ({"steps": [{"ask": {"prompt": "p", "into": "Text"}}]}, False),
        ({"makes": "texts"}, False),
        ({"flow": "a name"}, False),
        ({"flows": "x"}, False),
    ],
)
def test_the_schema_of_flows_takes_what_is_right(change: dict[str, Any], right: bool) -> None:
    assert validator("flow").is_valid({**GOOD, **change}) is right


def test_a_flow_extends_another_or_has_its_own_steps() -> None:
    check = validator("flow")
    assert check.is_valid({"flow": "mine", "extends": "qa", "change": {"qa": {"samples": 2}}})
    assert not check.is_valid({"flow": "mine", "makes": "study"})
