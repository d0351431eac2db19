"""An exam that the teacher wrote: of both kinds, in the form that an exam's file has, so that a
person can review it, name it and freeze it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from closedbook import Project
from closedbook.checks import find_problems
from closedbook.cli.main import app
from closedbook.config import load_config
from closedbook.evaluation import load_exam, load_exams
from closedbook.records import Question
from closedbook.store import read_rows

FERRY = Path(__file__).parent / "flows" / "golden" / "document.md"
BOTH = "generate.exam_flows=[exam, exam-short]"


@pytest.fixture
def project(small_project: Path) -> Path:
    (small_project / "exam.jsonl").unlink()
    shutil.copy(FERRY, small_project / "documents" / "ferry.md")
    file = small_project / "closedbook.yaml"
    file.write_text(file.read_text().replace("exam: exam.jsonl", "exam: null  # mine"))
    return small_project


def invoke(*words: str) -> Result:
    return CliRunner().invoke(app, ["exam", *words])


@pytest.mark.slow
def test_it_is_reviewed_accepted_and_frozen(project: Path) -> None:
    Project.open(project, [BOTH]).run("exam")
    made = project / "out" / "exam" / "exam.jsonl"
    asked = list(read_rows(made, Question))
    assert {bool(question.options) for question in asked} == {True, False}
    for question in asked:
        lengths = sorted(map(len, question.options))
        assert not lengths or lengths[-1] <= 2 * lengths[0] + 6
    for words in (["show"], ["export", "--out", str(project / "task")]):
        told = invoke(*words, "-p", str(project)).stdout
        assert "nobody has reviewed it. Read out/exam/exam.jsonl" in told
        assert "closedbook exam accept" in told
    assert (project / "task" / "unreviewed.yaml").is_file()
    assert invoke("accept", "-p", str(project)).exit_code == 0
    assert "exam: exam.jsonl  # mine\n" in (project / "closedbook.yaml").read_text()
    config = load_config(project / "closedbook.yaml")
    assert load_exam(project / "exam.jsonl") == asked
    assert "reviewed" not in invoke("show", "-p", str(project)).stdout
    assert invoke("accept", "-p", str(project)).exit_code == 2
    digest = load_exams(config.every_exam, project)["exam"].digest
    frozen = "exam={{kind: file, path: exam.jsonl, frozen: {}}}"
    assert find_problems(project, [frozen.format(digest)]) == []
    assert "frozen" in find_problems(project, [frozen.format("abc")])[0]


def test_a_flow_that_makes_no_exam_is_refused(project: Path) -> None:
    assert "makes pairs, but exam or short_exam are needed here" in "".join(
        find_problems(project, ["generate.exam_flows=[qa]"])
    )
