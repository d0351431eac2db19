"""A project as its user sees it: run, run again, change something, look, interrupt."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import orjson
import pytest
from filelock import FileLock

from closedbook import Project
from closedbook.errors import InputError, ProjectBusy, UserError
from closedbook.events import Event, Notice, StageStarted
from closedbook.store import digest_path

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

STAGES = [
    "documents",
    "exam",
    "generate",
    "curate",
    "mix/customised",
    "train/customised",
    "retrieve",
    "evaluate/base",
    "evaluate/customised",
    "evaluate",
    "report",
]


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small project that has been run; tests copy it."""
    return tmp_path_factory.mktemp("finished") / "project"


@pytest.fixture
def done(small_project: Path, finished: Path) -> Path:
    """A copy of a finished project, made once per module."""
    if not finished.exists():
        shutil.copytree(small_project, finished)
        Project.open(finished).run()
    shutil.rmtree(small_project)
    return Path(shutil.copytree(finished, small_project))


def started(project: Path, *overrides: str) -> list[str]:
    events: list[Event] = []
    Project.open(project, overrides).run(emit=events.append)
    return [event.stage for event in events if isinstance(event, StageStarted)]


def edit(project: Path, name: str, old: str, new: str) -> None:
    file = project / "documents" / name
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def test_a_run_leaves_typed_results_and_a_report(done: Path) -> None:
    result = Project.open(done).run()
    assert result.done == ()
    assert list(result.manifests) == STAGES
    assert result.summary is not None
    arms = {(item.arm, item.condition) for item in result.summary.results if item.exam == "exam"}
    assert len(arms - {("base", "longest_option")}) == 6
    assert result.report is not None
    assert result.report.is_file()


def test_a_run_leaves_the_scores_in_the_students_card(done: Path) -> None:
    card = (done / "out" / "train" / "customised" / "model" / "README.md").read_text()
    assert "| exam | closed book |" in card
    assert "Not examined yet" not in card


def test_a_second_run_does_nothing(done: Path) -> None:
    before = digest_path(done / "out")
    assert Project.open(done).plan() == ()
    assert started(done) == []
    assert digest_path(done / "out") == before


def test_one_changed_document_redoes_what_depends_on_it(done: Path) -> None:
    edit(done, "heron.md", "1712", "1802")
    plan = {item.stage: item.why for item in Project.open(done).plan()}
    assert plan["documents"] == "changed input: documents"
    assert plan["generate"] == "may change with documents"
    assert "exam" not in plan
    project = Project.open(done)
    generate = project.run(until="generate").manifests["generate"].counts
    assert generate["from_journal"] > 0.5 * generate["asks"]
    assert started(done) == [
        name for name in STAGES if name not in ("documents", "exam", "generate")
    ]


def test_a_changed_option_redoes_only_its_stages(done: Path) -> None:
    override = "evaluate.resamples=2000"
    assert [item.stage for item in Project.open(done, [override]).plan()] == ["evaluate", "report"]
    assert started(done, override) == ["evaluate", "report"]


def test_an_untouched_result_downstream_is_not_redone(done: Path) -> None:
    file = done / "documents" / "heron.md"
    file.write_text(f"{file.read_text()}   \n\n")
    assert started(done) == ["documents", "report"]


def test_a_new_arm_costs_only_itself(done: Path) -> None:
    text = (done / "closedbook.yaml").read_text()
    raw = "arms: {customised: {}, raw: {mix: {shares: {documents: 1}}}}\n"
    (done / "closedbook.yaml").write_text(text + raw)
    assert started(done) == ["mix/raw", "train/raw", "evaluate/raw", "evaluate", "report"]


def test_a_filter_of_the_projects_own_is_stale_only_when_it_changes(done: Path) -> None:
    (done / "filters").mkdir()
    file = done / "filters" / "mine.py"
    code = "from closedbook.curation import FILTERS\n@FILTERS.register('mine')\ndef f(pair):\n"
    file.write_text(f"{code}    return ''\n")
    override = ["curate.filters=[mine]"]
    Project.open(done, override).run(until="curate")
    assert [item.stage for item in Project.open(done, override).plan("curate")] == []
    file.write_text(f"{code}    return 'no'\n")
    assert [item.stage for item in Project.open(done, override).plan("curate")] == ["curate"]


def test_a_reviewed_exam_is_answered_anew(done: Path) -> None:
    config = done / "closedbook.yaml"
    unreviewed = config.read_text().replace("exam: exam.jsonl\n", "")
    config.write_text(unreviewed)
    Project.open(done).run(until="evaluate")
    shutil.copy(done / "exam.jsonl", done / "reviewed.jsonl")
    config.write_text(f"{unreviewed}exam: reviewed.jsonl\n")
    summary = Project.open(done).run(until="evaluate").summary
    assert summary is not None
    assert summary.exams == ("exam", "retention", "unreplayed")


def test_run_stops_after_the_named_stage(small_project: Path) -> None:
    result = Project.open(small_project).run(until="curate")
    assert list(result.manifests) == STAGES[:4]
    assert result.summary is None
    with pytest.raises(UserError, match="no stage 'currate'"):
        Project.open(small_project).run(until="currate")


def test_status_counts_rejections_by_reason(done: Path) -> None:
    (done / "documents" / "empty.md").write_text("")
    events: list[Event] = []
    Project.open(done).run(until="documents", emit=events.append)
    assert any(isinstance(event, Notice) and "empty.md" in event.text for event in events)
    status = {item.stage: item for item in Project.open(done).status()}
    assert status["documents"].rejections == {"empty": 1}
    assert status["documents"].manifest is not None
    assert status["report"].stale


def test_two_runs_do_not_share_a_project(small_project: Path) -> None:
    (small_project / ".closedbook").mkdir()
    with FileLock(small_project / ".closedbook" / "lock"), pytest.raises(ProjectBusy):
        Project.open(small_project).run()


def test_documents_that_offer_nothing_are_one_clear_error(small_project: Path) -> None:
    for file in (small_project / "documents").iterdir():
        file.write_text("42 17 8\n")
    with pytest.raises(InputError, match="nothing to train on"):
        Project.open(small_project).run()


def test_asking_the_students(done: Path) -> None:
    answers = Project.open(done).ask("What was the trade of Mila Torn?")
    told = [(answer.arm, answer.condition) for answer in answers]
    assert told == [
        (arm, condition) for arm in ("base", "customised") for condition in ("closed_book", "rag")
    ]
    assert [answer.read for answer in answers if answer.condition == "closed_book"] == [(), ()]
    assert all("Mila Torn" in answer.read for answer in answers if answer.condition == "rag")


def test_asking_before_training_says_what_to_do(small_project: Path) -> None:
    with pytest.raises(UserError, match="closedbook run train"):
        Project.open(small_project).ask("Who?")


def test_a_rehearsal_without_an_exam_prints_what_was_checked(small_project: Path) -> None:
    config = small_project / "closedbook.yaml"
    config.write_text(config.read_text().replace("exam: exam.jsonl\n", ""))
    project = Project.open_rehearsal(small_project, ["mix.tokens=2000"])
    result = project.run()
    assert result.summary is not None
    assert not result.summary.reviewed
    assert all(item.accuracy is None for item in result.summary.results)
    assert result.summary.checked
    assert not (small_project / "out" / "report.html").exists()
    stored = orjson.loads(
        (small_project / "out" / "rehearsal" / "evaluate" / "summary.json").read_bytes()
    )
    assert "accuracy" not in str(stored["results"])


@pytest.mark.parametrize("seconds", [0.5, 3.0, 6.0, 9.0])
def test_a_killed_run_is_completed_by_the_next(
    done: Path, tmp_path: Path, small_project: Path, seconds: float
) -> None:
    """The process really dies; what the next run leaves is what an undisturbed one leaves."""
    killed = Path(shutil.copytree(done, tmp_path / "killed"))
    shutil.rmtree(killed / "out")
    shutil.rmtree(killed / ".closedbook")
    code = f"from closedbook import Project; Project.open({str(killed)!r}).run()"
    process = subprocess.Popen([sys.executable, "-c", code])
    time.sleep(seconds)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    Project.open(killed).run()
    for stage in ("documents", "generate", "curate", "mix/customised"):
        for file in (done / "out" / stage).glob("*.jsonl"):
            assert (killed / "out" / stage / file.name).read_bytes() == file.read_bytes()
    assert Project.open(killed).plan() == ()
