"""Curation and mixing as a project's config asks for them."""

from __future__ import annotations

from pathlib import Path

from closedbook.checks import find_problems
from closedbook.config import load_config
from closedbook.pipeline import stages_of
from closedbook.project import Project
from closedbook.stages import Setup
from closedbook.store import Place, Stage


def stages(project: Path) -> dict[str, Stage]:
    config = load_config(project / "closedbook.yaml")
    place = Place(project, project / "out", project / "journal.sqlite")
    return {stage.name: stage for stage in stages_of(Setup.of(config, place))}


def written(project: Path, more: str) -> int:
    """The number of the last line, after adding `more` to the config."""
    file = project / "closedbook.yaml"
    file.write_text(f"{file.read_text().rstrip()}\n{more}")
    return len(file.read_text().splitlines())


def test_a_verdict_that_no_flow_gives_is_told_with_its_line(small_project: Path) -> None:
    line = written(small_project, "curate:\n  verdicts: {faithful: ['YES'], faithfull: ['YES']}\n")
    (problem,) = find_problems(small_project)
    assert f"closedbook.yaml:{line}: " in problem
    assert "gives a verdict 'faithfull' (known: faithful, relevant, standalone)" in problem


def test_an_unfiltered_arm_mixes_what_was_generated(small_project: Path) -> None:
    written(small_project, "arms: {customised: {}, unfiltered: {mix: {rows: generated}}}\n")
    made = stages(small_project)
    assert made["mix/customised"].inputs["pairs"].parent.name == "curate"
    assert made["mix/unfiltered"].inputs["pairs"].parent.name == "generate"
    assert made["mix/unfiltered"].after == ("documents", "generate")


def test_a_refill_depends_on_what_it_asks(small_project: Path) -> None:
    alone = stages(small_project)["curate"]
    written(small_project, "curate: {refill: 3}\n")
    refilled = stages(small_project)["curate"]
    assert {name for name in refilled.inputs if name.endswith("/qa.md")}
    assert not {name for name in alone.inputs if name.endswith("/qa.md")}


def test_status_names_the_documents_with_too_few_pairs(small_project: Path) -> None:
    (small_project / "documents" / "empty-of-facts.md").write_text("# Nothing\n\nWell, well.\n")
    project = Project.open(small_project)
    project.run(until="curate")
    remarks = {stage.stage: stage.remark for stage in project.status()}
    assert remarks["curate"].startswith("documents with too few pairs: Nothing (0); 1 in all, see ")
    assert not any(remark for stage, remark in remarks.items() if stage != "curate")
