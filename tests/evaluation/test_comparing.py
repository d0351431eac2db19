"""`closedbook compare`: projects, folders and files; shared questions paired, others counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner

from closedbook.cli.main import app
from closedbook.errors import InputError
from closedbook.evaluation.comparing import compare
from closedbook.records import Response
from closedbook.store import write_rows


def rows(arm: str, numbers: Sequence[int], right: int, exam: str = "exam") -> list[Response]:
    return [
        Response(
            exam=exam,
            arm=arm,
            condition="closed_book",
            question_id=f"q{number}",
            document=f"d{number // 4}",
            question=f"Question {number}?",
            options=("a", "b"),
            answer=0,
            scores=(),
            chosen=0 if number % 4 < right else 1,
            correct=number % 4 < right,
            text="",
        )
        for number in numbers
    ]


@pytest.fixture
def projects(tmp_path: Path) -> tuple[Path, Path]:
    """Two projects with a base and a customised arm; the second is better and has more to it."""
    for name, right in (("one", 2), ("two", 3)):
        evaluate = tmp_path / name / "out" / "evaluate"
        write_rows(evaluate / "base" / "responses.jsonl", rows("base", range(40), 1))
        more = rows("customised", range(40 if name == "one" else 44), right)
        extra = rows("customised", range(3), 1, exam="mine") if name == "two" else []
        write_rows(evaluate / "customised" / "responses.jsonl", [*more, *extra])
    return tmp_path / "one", tmp_path / "two"


def test_projects_are_compared_arm_by_arm(projects: tuple[Path, Path]) -> None:
    found = compare(*projects)
    told = {(c.arm, c.against): (c.n, c.unpaired, c.difference) for c in found.comparisons}
    assert told == {("base", "base"): (40, 0, 0), ("customised", "customised"): (40, 4, 0.25)}
    assert found.alone == (f"only in {projects[1]}: mine, customised, closed_book: 3 questions",)


def test_an_arms_folder_or_file_is_compared_with_whatever_is_there(
    projects: tuple[Path, Path], tmp_path: Path
) -> None:
    folder = projects[0] / "out" / "evaluate" / "base"
    (one,) = compare(folder, projects[1] / "out" / "evaluate" / "customised").comparisons
    assert (one.arm, one.against, one.difference) == ("customised", "base", 0.5)
    other = tmp_path / "theirs.jsonl"
    write_rows(other, rows("their-system", range(40), 4))
    found = compare(projects[0], other).comparisons
    assert [(c.arm, c.against) for c in found] == [
        ("their-system", "base"),
        ("their-system", "customised"),
    ]
    assert all(c.p <= c.p_holm for c in found)


def test_a_question_with_another_right_answer_is_another_question(tmp_path: Path) -> None:
    files = tmp_path / "one.jsonl", tmp_path / "two.jsonl"
    write_rows(files[0], rows("a", range(8), 2))
    changed = [
        replace(row, answer=1, correct=row.chosen == 1) if row.question_id == "q7" else row
        for row in rows("b", range(8), 2)
    ]
    write_rows(files[1], changed)
    (found,) = compare(*files).comparisons
    assert (found.n, found.unpaired) == (7, 2)


def test_what_holds_no_responses_or_no_shared_question_is_named(
    projects: tuple[Path, Path], tmp_path: Path
) -> None:
    with pytest.raises(InputError, match="no responses there"):
        compare(projects[0], tmp_path / "nowhere")
    odd = tmp_path / "odd.jsonl"
    odd.write_text("{}\n")
    with pytest.raises(InputError, match=r"odd\.jsonl:1: not a row of responses"):
        compare(projects[0], odd)
    write_rows(odd, rows("base", range(50, 52), 1))
    with pytest.raises(InputError, match="share no question"):
        compare(projects[0], odd)


def test_an_exam_that_nobody_reviewed_is_not_compared(tmp_path: Path) -> None:
    file = tmp_path / "one.jsonl"
    write_rows(file, rows("base", range(8), 2, exam="unreviewed"))
    refused = CliRunner().invoke(app, ["compare", str(file), str(file)])
    assert refused.exit_code == 2
    assert "an exam that nobody has reviewed" in refused.stderr
    assert "closedbook exam accept" in refused.stderr
    # It may as well have been a rehearsal: no teacher need have generated anything.
    assert "the teacher generated this exam" not in refused.stderr


def test_the_command_prints_differences_with_intervals(
    projects: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("closedbook.console.OUTPUT", Console(force_terminal=False))
    result = CliRunner().invoke(app, ["compare", *map(str, projects)])
    assert result.exit_code == 0
    text = " ".join(result.stdout.split())
    assert "customised - customised 40 (+4 unpaired) +25.0 [" in text
    assert "10/0" in text
    assert "only in" in text
    refused = CliRunner().invoke(app, ["compare", "nowhere", "nowhere"])
    assert refused.exit_code == 2
    assert "no responses there" in refused.stderr
