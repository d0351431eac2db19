"""docs/results.md says what the files hold: every key, and an example that reads."""

from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path

import pytest

from closedbook.evaluation import load_exam
from closedbook.records import Comparison, Response, Result, Summary
from closedbook.store import read_summary

PAGE = (Path(__file__).parents[2] / "docs" / "results.md").read_text(encoding="utf-8")
EXAM_LINE, EXAMPLE = re.findall(r"```json\n(.*?)```", PAGE, flags=re.DOTALL)


@pytest.mark.parametrize("record", [Summary, Result, Comparison, Response])
def test_every_key_is_documented(record: type) -> None:
    assert dataclasses.is_dataclass(record)
    for field in dataclasses.fields(record):
        assert f"`{field.name}`" in PAGE or f'"{field.name}"' in EXAMPLE, field.name


def test_the_example_is_a_summary(tmp_path: Path) -> None:
    file = tmp_path / "summary.json"
    file.write_text(EXAMPLE, encoding="utf-8")
    summary = read_summary(file)
    assert set(json.loads(EXAMPLE)["comparisons"][0]) == {
        field.name for field in dataclasses.fields(Comparison)
    }
    assert summary.results[0].accuracy == 0.9125


def test_the_example_question_is_one(tmp_path: Path) -> None:
    file = tmp_path / "exam.jsonl"
    file.write_text(EXAM_LINE, encoding="utf-8")
    (question,) = load_exam(file)
    assert question.options[question.answer] == "Tol"
