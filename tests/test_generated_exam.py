"""An exam that the teacher wrote: of both kinds, in the form that an exam's file has, so that a
person can review it, name it and freeze it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from filelock import FileLock
from typer.testing import CliRunner, Result

from closedbook import Project
from closedbook.checks import find_problems
from closedbook.cli.main import app
from closedbook.config import load_config
from closedbook.evaluation import load_exam, load_exams
from closedbook.events import Event, Notice
from closedbook.records import Question
from closedbook.store import Manifest, read_rows, write_json

FERRY = Path(__file__).parent / "flows" / "golden" / "document.md"
BOTH = "generate.exam_flows=[exam, exam-short]"


@pytest.fixture
def project(small_project: Path) -> Path:
    (small_project / "exam.jsonl").rename(small_project / "kept.jsonl")
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
    way_on = f"To do so, read {made}, then run `closedbook exam accept -p {project}`."
    for words in (["show"], ["export", "--out", str(project / "task")]):
        told = invoke(*words, "-p", str(project)).stdout
        assert told.startswith("Demonstration with stand-ins: the teacher")
        assert f"nobody has reviewed and accepted it (closedbook exam accept). {way_on}" in told
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


@pytest.fixture
def generated(project: Path) -> Path:
    """A project whose teacher has written an exam of one question."""
    folder = project / "out" / "exam"
    folder.mkdir(parents=True)
    shutil.copy(project / "kept.jsonl", folder / "exam.jsonl")
    write_json(folder / "manifest.json", Manifest({}, {"questions": 1}, 0.0, {}))
    return project


def refuse(folder: Path, told: str) -> None:
    """It is refused in one line, and nothing has changed."""
    before = (folder / "closedbook.yaml").read_bytes()
    refused = invoke("accept", "-p", str(folder))
    assert refused.exit_code == 2, refused.output
    assert told in refused.stderr
    assert (folder / "closedbook.yaml").read_bytes() == before
    assert not (folder / "exam.jsonl").exists()


def test_accepting_changes_one_key_and_nothing_else_of_the_config(generated: Path) -> None:
    config, elsewhere = generated / "closedbook.yaml", generated / "shared.yaml"
    windows = config.read_bytes().replace(b"\n", b"\r\n") + b"\r\n\r\n"
    for given in (windows, windows.replace(b"exam: null  # mine\r\n", b"")):
        elsewhere.write_bytes(given)
        elsewhere.chmod(0o664)
        config.unlink()
        config.symlink_to("shared.yaml")
        done = invoke("accept", "-p", str(generated))
        assert done.exit_code == 0, done.output
        assert config.is_symlink()
        assert elsewhere.stat().st_mode & 0o777 == 0o664
        named = b"exam: exam.jsonl"
        in_place = given.replace(b"exam: null", named)
        assert elsewhere.read_bytes() == (
            in_place if in_place != given else given + named + b"\r\n"
        )
        (generated / "exam.jsonl").unlink()


@pytest.mark.parametrize("written", ['"exam": null', "exam : null", "exam: !!null x"])
def test_a_key_in_another_form_is_left_to_its_owner(generated: Path, written: str) -> None:
    file = generated / "closedbook.yaml"
    file.write_text(file.read_text().replace("exam: null  # mine", written))
    refuse(generated, "no place found for the key exam")


def test_nothing_is_accepted_under_a_run_or_before_the_exam_is_finished(generated: Path) -> None:
    (generated / ".closedbook").mkdir()
    with FileLock(generated / ".closedbook" / "lock"):
        refuse(generated, "another run is using")
    (generated / "out" / "exam" / "manifest.json").unlink()
    refuse(generated, "no exam was generated")


def test_an_exam_without_a_question_says_so_and_is_none(project: Path) -> None:
    """The rehearsal teacher finds nothing to ask about these documents."""
    (project / "documents" / "ferry.md").unlink()
    told: list[Event] = []
    Project.open(project).run("exam", told.append)
    (notice,) = [event.text for event in told if isinstance(event, Notice)]
    assert notice.startswith(
        "no question passed, so that there is no exam; of 3 rejections 3 say: "
    )
    assert "accept" not in notice
    assert "no exam; the teacher would write one" in invoke("show", "-p", str(project)).stdout
    nothing = invoke("export", "--out", str(project / "task"), "-p", str(project))
    assert "exams: none" in nothing.stderr
    refuse(project, "no exam was generated")


def test_a_flow_that_makes_no_exam_is_refused(project: Path) -> None:
    assert "makes pairs, but exam or short_exam are needed here" in "".join(
        find_problems(project, ["generate.exam_flows=[qa]"])
    )
