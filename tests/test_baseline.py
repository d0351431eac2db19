"""A baseline asks only those who need no training, and says what training could win."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from closedbook import Project
from closedbook.baseline import measure_baseline
from closedbook.cli.main import app
from closedbook.records import Question
from closedbook.store import read_rows


@pytest.mark.slow
def test_base_and_imported_answers_before_anything_is_generated(small_project: Path) -> None:
    project = Project.open(small_project)
    project.run("exam")
    questions = list(read_rows(small_project / "out" / "exam" / "exam.jsonl", Question))
    lines = [json.dumps({"id": item.id, "answer": item.answer}) for item in questions]
    (small_project / "theirs.jsonl").write_text("\n".join(lines) + "\n")
    models = "{theirs: {kind: answers, file: theirs.jsonl}, "
    models += "later: {kind: huggingface, model: out/train/customised/model}}"
    overrides = [f"evaluate.models={models}"]
    found = measure_baseline(Project.open(small_project, overrides))
    assert {result.arm for result in found.summary.results} == {"base", "theirs"}
    assert not (small_project / "out" / "generate").exists()
    closed = next(item for item in found.headroom if item.condition == "closed_book")
    assert closed.ceiling == 1.0
    assert closed.points == pytest.approx(1 - closed.base)
    shown = CliRunner().invoke(
        app, ["baseline", "-p", str(small_project), "--set", overrides[0]], env={"COLUMNS": "140"}
    )
    assert shown.exit_code == 0, shown.output
    assert "training could win" in shown.output
    assert "longest option" in shown.output
