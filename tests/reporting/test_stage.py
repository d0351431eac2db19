"""The report is made again when the config changes that it shows."""

from __future__ import annotations

import json
from pathlib import Path

import anyio

from closedbook import Project
from closedbook.pipeline import stages_of
from closedbook.records import Completion
from closedbook.stages import Setup
from closedbook.store import journal_path
from closedbook.store.journal import Call, Journal


def decisive(folder: Path, *overrides: str) -> str:
    project = Project.open(folder, overrides)
    *_, report = stages_of(Setup.of(project.config, project.place))
    return json.dumps(report.settings(), sort_keys=True)


def test_a_changed_config_makes_the_report_stale_and_no_key_is_kept(small_project: Path) -> None:
    assert decisive(small_project) == decisive(small_project)
    assert decisive(small_project, "budget.requests=5") != decisive(small_project)
    asked = "{kind: endpoint, model: m, base_url: 'http://h/v1', api_key: SECRET}"
    written = "{kind: endpoint, model: n, base_url: 'http://user:pass@h/v1'}"
    kept = decisive(small_project, f"models={{judge: {asked}, other: {written}}}")
    assert "SECRET" not in kept
    assert "pass@" not in kept


def test_a_journal_that_grew_makes_the_report_stale(small_project: Path) -> None:
    """Between two runs models may be asked, by a forecast or a flow that is tried."""
    before = decisive(small_project)
    journal = journal_path(small_project, rehearsal=True)
    for key, changed in ((b"a", True), (b"b", True), (b"b", False)):
        if changed:
            anyio.run(_asked, journal, key * 20)
        after = decisive(small_project)
        assert (after != before) is changed
        before = after


async def _asked(journal: Path, key: bytes) -> None:
    async with Journal.open(journal) as opened:
        call = Call("qa/ask", "a.md", "ok", 1.0, 10, 10, model="big")
        await opened.record(key, "big", Completion("text"), [call])
