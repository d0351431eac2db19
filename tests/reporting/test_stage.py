"""The report is made again when the config changes that it shows."""

from __future__ import annotations

import json
from pathlib import Path

from closedbook import Project
from closedbook.pipeline import stages_of
from closedbook.stages import Setup


def decisive(folder: Path, *overrides: str) -> str:
    project = Project.open(folder, overrides)
    *_, report = stages_of(Setup.of(project.config, project.place))
    return json.dumps(report.settings, sort_keys=True)


def test_a_changed_config_makes_the_report_stale_and_no_key_is_kept(small_project: Path) -> None:
    assert decisive(small_project) == decisive(small_project)
    assert decisive(small_project, "budget.requests=5") != decisive(small_project)
    model = "{kind: endpoint, base_url: 'http://user:pass@h/v1', model: m, api_key: SECRET}"
    kept = decisive(small_project, f"models.judge={model}")
    assert "SECRET" not in kept
    assert "pass@" not in kept
