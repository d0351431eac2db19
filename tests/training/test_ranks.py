"""Two CPU ranks under torchrun train the same student as one process does."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from closedbook import Project
from closedbook.cli.main import app
from closedbook.errors import UserError
from closedbook.events import silent
from closedbook.stages import Setup, train
from closedbook.store import read_manifest

PARTS = ("train.micro_tokens=200", "train.checkpoint=loss", "train.candidates=2")
TORCHRUN = (sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2")


def losses(project: Path) -> list[float]:
    file = project / "out" / "train" / "customised" / "loss.jsonl"
    return [json.loads(line)["loss"] for line in file.read_text().splitlines()]


def told_to(project: Path, *more: str) -> list[str]:
    """Our command as torchrun starts it."""
    words = [str(Path(sys.executable).with_name("closedbook")), "train", "--project", str(project)]
    for override in (*PARTS, *more):
        words += ["--set", override]
    return words


@pytest.mark.slow
@pytest.mark.parametrize("layout", ["padded", "packed"])
def test_two_ranks_are_as_one(small_project: Path, layout: str) -> None:
    changed = (f"train.layout={layout}", *(("train.lora={rank: 4}",) * (layout == "packed")))
    opened = Project.open(small_project, [*PARTS, *changed])
    opened.run("train/customised")
    alone = losses(small_project)
    folder = small_project / "out" / "train" / "customised"
    before = read_manifest(folder)
    (folder / "manifest.json").unlink()
    command = [*TORCHRUN, "--no-python", *told_to(small_project, *changed)]
    done = subprocess.run(command, capture_output=True, text=True, env=os.environ, check=False)
    assert done.returncode == 0, done.stderr
    after = read_manifest(folder)
    assert before is not None
    assert after is not None
    assert losses(small_project) == pytest.approx(alone, abs=1e-4)
    assert after.counts == pytest.approx(before.counts, abs=1e-4)
    assert done.stdout.count("done train/customised") == 1
    assert after.outputs.keys() == before.outputs.keys()


def test_ranks_do_not_do_what_comes_before(
    small_project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for rank in "01":
        monkeypatch.setenv("WORLD_SIZE", "2")
        monkeypatch.setenv("RANK", rank)
        with pytest.raises(UserError, match="documents is not up to date") as caught:
            Project.open(small_project).run("train/customised")
        assert "in one process" in caught.value.hint
    assert not (small_project / "out").exists()


def test_the_command_for_many_gpus_is_shown(small_project: Path) -> None:
    options = ["--print-command", "--gpus", "4", "--nodes", "2", "--set", "train.epochs=2"]
    shown = CliRunner().invoke(app, ["train", "raw", "-p", str(small_project), *options])
    assert shown.exit_code == 0
    ours = f"closedbook train raw --project {small_project} --set train.epochs=2"
    assert f"torchrun --nproc-per-node=4 --standalone --no-python {ours}" in shown.output
    assert "#SBATCH --nodes=2" in shown.output
    assert shown.output.rstrip().endswith(f"--no-python {ours}")


LIBRARY = "train.trainer=instructlab"


def test_the_instructlab_trainer_is_started_by_its_own_script(small_project: Path) -> None:
    options = ["--print-command", "--set", LIBRARY]
    shown = CliRunner().invoke(app, ["train", "-p", str(small_project), *options])
    assert shown.exit_code == 0
    folder = small_project / "out" / "train" / "customised" / "instructlab"
    assert f"cd {folder} && python launch.py" in shown.output
    assert "torchrun" not in shown.output


def test_the_instructlab_trainer_is_refused_under_torchrun(
    small_project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = Project.open(small_project, [LIBRARY])
    stage = train(Setup.of(opened.config, opened.place), "customised")
    monkeypatch.setenv("WORLD_SIZE", "2")
    with pytest.raises(UserError, match="cannot run under torchrun"):
        stage.make(small_project / "out", silent)
