"""An exam that the teacher wrote: of both kinds, in the form that an exam's file has, so that a
person can review it, name it and freeze it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from closedbook import Project
from closedbook.checks import find_problems
from closedbook.config import load_config
from closedbook.evaluation import load_exam, load_exams
from closedbook.records import Question
from closedbook.store import read_rows

FERRY = Path(__file__).parent / "flows" / "golden" / "document.md"
BOTH = "generate.exam_flows=[exam, exam-short]"


@pytest.fixture
def project(small_project: Path) -> Path:
    shutil.copy(FERRY, small_project / "documents" / "ferry.md")
    file = small_project / "closedbook.yaml"
    file.write_text(file.read_text().replace("exam: exam.jsonl", "exam: null"))
    return small_project


def test_it_is_reviewed_named_and_frozen(project: Path) -> None:
    Project.open(project, [BOTH]).run("exam")
    made = project / "out" / "exam" / "exam.jsonl"
    asked = list(read_rows(made, Question))
    assert {bool(question.options) for question in asked} == {True, False}
    for question in asked:
        lengths = sorted(map(len, question.options))
        assert not lengths or lengths[-1] <= 2 * lengths[0] + 6
    shutil.copy(made, project / "reviewed.jsonl")
    assert [item.right for item in load_exam(project / "reviewed.jsonl")] == [
        item.right for item in asked
    ]
    named = {"exam.kind": "file", "exam.path": "reviewed.jsonl"}
    settings = [f"{key}={value}" for key, value in named.items()]
    config = load_config(project / "closedbook.yaml", settings)
    digest = load_exams(config.every_exam, project)["exam"].digest
    assert find_problems(project, [*settings, f"exam.frozen={digest}"]) == []
    assert "frozen" in find_problems(project, [*settings, "exam.frozen=abc"])[0]


def test_a_flow_that_makes_no_exam_is_refused(project: Path) -> None:
    assert "makes pairs, but exam or short_exam are needed here" in "".join(
        find_problems(project, ["generate.exam_flows=[qa]"])
    )
