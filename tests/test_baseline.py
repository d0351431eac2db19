"""A baseline asks only those who need no training, and says what training could win."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from closedbook import Project
from closedbook.baseline import find_headroom, measure_baseline
from closedbook.cli.main import app
from closedbook.config import Evaluate
from closedbook.evaluation import summarise
from closedbook.records import Condition, Question, Response
from closedbook.store import read_rows, read_summary, write_rows


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
    assert closed.interval[0] <= closed.points <= closed.interval[1]
    shown = CliRunner().invoke(
        app, ["baseline", "-p", str(small_project), "--set", overrides[0]], env={"COLUMNS": "140"}
    )
    assert shown.exit_code == 0, shown.output
    assert "training could win" in shown.output
    assert "longest option" in shown.output


def test_without_a_reviewed_exam_nothing_is_asked_of_anybody(small_project: Path) -> None:
    """An exam would have to be bought, and give no accuracy."""
    asked = ["baseline", "-p", str(small_project), "--set", "exam=null"]
    refused = CliRunner().invoke(app, asked)
    assert refused.exit_code == 2
    assert "needs an exam that a person has reviewed" in refused.stderr
    assert f"closedbook run exam -p {small_project}: that is paid for" in refused.stderr
    told = f"read {small_project}/out/exam/exam.jsonl, then run `closedbook exam accept -p "
    assert told in refused.stderr
    assert not (small_project / "out").exists()


@pytest.mark.parametrize(
    ("read", "told"),
    [
        (36, "training could win 65.0 points"),
        (9, "it is unclear that training could win anything: -2.5 points"),
    ],
)
def test_headroom_has_an_interval_and_says_where_it_is_uncertain(
    tmp_path: Path, read: int, told: str
) -> None:
    """Of forty questions base knows ten, and `read` with the document before it; another reads
    worse."""
    rows = {
        "base": [*_answers("base", "closed_book", 10), *_answers("base", "open_book", read)],
        "worse": _answers("worse", "open_book", 5),
    }
    files = {arm: tmp_path / f"{arm}.jsonl" for arm in rows}
    for arm, file in files.items():
        write_rows(file, rows[arm])
    settings = Evaluate(resamples=1000)
    summarise(files, settings, tmp_path)
    summary = read_summary(tmp_path / "summary.json")
    (item,) = find_headroom(summary, files, settings)
    low, high = item.interval
    assert low < item.points < high
    assert f"{told} ({100 * low:.1f} to {100 * high:.1f})" in item.told
    assert "(base, open book, the best of 2)" in item.told


def _answers(arm: str, condition: Condition, known: int) -> list[Response]:
    return [
        Response(
            exam="own",
            arm=arm,
            condition=condition,
            question_id=f"q{number}",
            document=f"d{number // 4}",
            question=f"Question {number}?",
            options=("a", "b"),
            answer=1,
            scores=(),
            chosen=int(number * 7 % 40 < known),
            correct=number * 7 % 40 < known,
            text="",
        )
        for number in range(40)
    ]
