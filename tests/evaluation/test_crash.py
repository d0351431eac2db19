"""Killed while it asks a local student, an evaluation goes on and asks nothing again."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from closedbook import Project
from closedbook.evaluation import local
from closedbook.rehearsal import make_world, write_world
from closedbook.store import read_rows
from closedbook.students import answering
from closedbook.students.student import Student

CONFIG = """\
documents: documents
exam: exam.jsonl
teacher: {kind: rehearsal}
student: {kind: rehearsal}
evaluate: {conditions: [closed_book], answer_tokens: 0}
"""


def kept(folder: Path) -> int:
    """How many answers are on disk."""
    try:
        with sqlite3.connect(folder / ".closedbook" / "said.sqlite") as database:
            count: int = database.execute("SELECT count(*) FROM said").fetchone()[0]
            return count
    except sqlite3.OperationalError:
        return 0
    finally:
        if "database" in locals():
            database.close()


@pytest.mark.slow
def test_a_killed_evaluation_goes_on_where_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_world(make_world(7), tmp_path)
    (tmp_path / "closedbook.yaml").write_text(CONFIG)
    script = f"from closedbook import Project; Project.open({str(tmp_path)!r}).run('evaluate/base')"
    process = subprocess.Popen([sys.executable, "-c", script], env=os.environ)
    try:
        deadline = time.monotonic() + 60
        while kept(tmp_path) < 64 and time.monotonic() < deadline:
            time.sleep(0.01)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    before = kept(tmp_path)
    assert before >= 64
    asked = 0
    real = answering.score_options

    def counted(student: Student, prompts: Any, options: Any) -> list[tuple[float, ...]]:
        nonlocal asked
        asked += len(prompts)
        return real(student, prompts, options)

    monkeypatch.setattr(local, "score_options", counted)
    counts = Project.open(tmp_path).run("evaluate/base").manifests["evaluate/base"].counts
    floor = 320
    assert asked == counts["responses"] - floor - before
    rows = read_rows(tmp_path / "out" / "evaluate" / "base" / "responses.jsonl", dict[str, Any])
    assert (
        len({(row["exam"], row["condition"], row["question_id"]) for row in rows})
        == (counts["responses"])
    )
