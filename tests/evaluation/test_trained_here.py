"""Examined models whose weights a training of the same project makes are examined after it."""

from __future__ import annotations

from pathlib import Path

import pytest

from closedbook import Project
from closedbook.checks import find_problems
from closedbook.evaluation.remote import RemoteExaminee
from closedbook.pipeline import stages_of
from closedbook.stages import Setup
from closedbook.stages.examining import _sitter
from closedbook.store import Stage

WEIGHTS = "out/train/customised/model"
MODELS = {
    "huggingface": f"{{kind: huggingface, model: {WEIGHTS}}}",
    "endpoint": f"{{kind: endpoint, base_url: 'http://h/v1', model: m, weights: {WEIGHTS}}}",
}


def sitting(folder: Path, kind: str) -> Stage:
    project = Project.open(folder, [f"evaluate.models.tuned={MODELS[kind]}"])
    stages = {stage.name: stage for stage in stages_of(Setup.of(project.config, project.place))}
    return stages["evaluate/tuned"]


@pytest.mark.parametrize("kind", MODELS)
def test_a_model_that_is_trained_here_is_examined_after_its_training(
    small_project: Path, kind: str
) -> None:
    first = sitting(small_project, kind)
    assert "train/customised" in first.after
    told_apart_by = small_project / "out" / "train" / "customised" / "student.json"
    assert first.inputs["model"] == told_apart_by
    weights = small_project / WEIGHTS
    weights.mkdir(parents=True)
    (weights / "config.json").write_text("{}")
    later = sitting(small_project, kind)
    assert later.settings == first.settings


def test_check_finds_an_examined_endpoint_that_is_not_there(small_project: Path) -> None:
    nobody = "evaluate.models.other={kind: endpoint, base_url: 'http://127.0.0.1:9/v1', model: m"
    (problem,) = find_problems(small_project, [f"{nobody}}}"])
    assert "127.0.0.1:9" in problem
    # It may be started when the weights are there.
    assert find_problems(small_project, [f"{nobody}, weights: {WEIGHTS}}}"]) == []


def test_an_endpoint_is_asked_as_the_model_that_was_trained_last(small_project: Path) -> None:
    weights = small_project / WEIGHTS
    weights.mkdir(parents=True)
    project = Project.open(small_project, [f"evaluate.models.tuned={MODELS['endpoint']}"])
    sitter = _sitter(Setup.of(project.config, project.place), "tuned")
    asked_as = set()
    for trained in ("{}", '{"again": true}'):
        (weights / "config.json").write_text(trained)
        examinee = sitter.ready()
        assert isinstance(examinee, RemoteExaminee)
        asked_as.add(examinee.account.roles["tuned"].model.identity)
    assert len(asked_as) == 2
