"""Every command and example of the README and the tutorial is run, in a copy of the repository."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import orjson
import pytest

from closedbook.config import load_config

ROOT = Path(__file__).parents[1]
BIN = Path(sys.prefix) / "bin"

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


def blocks(page: str, language: str) -> list[str]:
    text = (ROOT / page).read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def shell(script: str, folder: Path) -> str:
    """Run a script as a reader would paste it, in the tests' own environment."""
    script = script.replace("make quickstart", f"make -o {sys.prefix}/.for-use quickstart")
    script = script.replace("source .venv/bin/activate\n", "")
    path = f"{BIN}:{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-eu", "-c", script],
        cwd=folder,
        env={**os.environ, "PATH": path, "MAKEFLAGS": f"VENV={sys.prefix}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{script}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The repository's files, without what a run left in them."""
    target = tmp_path_factory.mktemp("checkout") / "closedbook"
    shutil.copytree(
        ROOT,
        target,
        ignore=shutil.ignore_patterns(".git", ".venv", "out", ".closedbook", "*_cache"),
    )
    return target


def test_the_tutorial_from_beginning_to_end(checkout: Path) -> None:
    printed = shell("\n".join(blocks("docs/tutorial.md", "bash")), checkout)
    assert "everything is up to date: nothing was done" in printed
    assert "report: examples/quickstart/out/report.html" in printed
    first, second = re.findall(r"^customised +(.*)$", printed, re.MULTILINE)[-2:]
    assert "weights" in first
    assert "steam" in second


def test_the_quickstart_shows_what_the_readme_says(checkout: Path) -> None:
    """The promises, on the quickstart's own world; `make learning` measures them on five."""
    stored = orjson.loads(
        (checkout / "examples" / "quickstart" / "out" / "evaluate" / "summary.json").read_bytes()
    )
    accuracy = {
        (item["exam"], item["condition"], item["arm"]): item["accuracy"]
        for item in stored["results"]
    }
    assert abs(accuracy["exam", "closed_book", "base"] - 0.25) < 0.08
    assert accuracy["exam", "closed_book", "customised"] >= 0.8
    assert (
        accuracy["exam", "closed_book", "raw"]
        < accuracy["exam", "closed_book", "customised"] - 0.15
    )
    assert accuracy["exam", "closed_book", "shuffled"] < 0.3
    lost = (
        accuracy["retention", "closed_book", "base"]
        - accuracy["retention", "closed_book", "customised"]
    )
    assert lost <= 0.05


def test_the_summary_can_be_recomputed_from_the_responses(checkout: Path) -> None:
    out = checkout / "examples" / "quickstart" / "out" / "evaluate"
    stored = orjson.loads((out / "summary.json").read_bytes())
    for item in stored["results"]:
        lines = (out / item["arm"] / "responses.jsonl").read_bytes().splitlines()
        rows = [
            row
            for row in map(orjson.loads, lines)
            if (row["exam"], row["condition"]) == (item["exam"], item["condition"])
        ]
        right = [
            max(range(len(row["scores"])), key=row["scores"].__getitem__) == row["answer"]
            for row in rows
        ]
        assert item["n"] == len(rows)
        assert item["accuracy"] == pytest.approx(sum(right) / len(right))
        assert item["interval"][0] <= item["accuracy"] <= item["interval"][1]


def test_the_readmes_commands_and_python(checkout: Path, small_project: Path) -> None:
    folder = small_project.parent / "readme"
    folder.mkdir()
    shutil.copytree(small_project / "documents", folder / "documents")
    # Of this one the rehearsal teacher finds something to ask.
    shutil.copy(ROOT / "tests" / "flows" / "golden" / "document.md", folder / "documents")
    small = "sed -i.bak 's/tokens: 520000/tokens: 2000/' my-project/closedbook.yaml\n"
    commands, examining = blocks("README.md", "bash")
    first, rest = commands.split("\n", 1)
    shell(f"{first}\n{small}{rest}", folder)
    shell(examining, folder)
    (code,) = blocks("README.md", "python")
    (folder / "example.py").write_text(code)
    printed = shell(f"{sys.executable} example.py", folder)
    assert printed.startswith("exam base closed_book 0.")


def test_the_readmes_yaml_is_valid(small_project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NVIDIA_API_KEY", "x")
    (text,) = blocks("README.md", "yaml")
    (small_project / "replay.jsonl").write_text("")
    (small_project / "closedbook.yaml").write_text(text)
    config = load_config(small_project / "closedbook.yaml")
    assert config.teacher.kind == "endpoint"
    assert list(config.arms) == ["customised", "raw"]
