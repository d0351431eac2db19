"""`closedbook train`: one arm's training, alone or as one of torchrun's ranks."""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import Annotated

import typer

from closedbook.cli.errors import plain_errors
from closedbook.cli.options import Overrides, ProjectFolder

SLURM = """\
#!/bin/bash
#SBATCH --job-name=closedbook-{arm}
#SBATCH --nodes={nodes}
#SBATCH --ntasks-per-node=1
#SBATCH --gpus-per-node={gpus}
first=$(scontrol show hostnames "$SLURM_JOB_NODELIST" | head -n 1)
srun {torchrun} --nnodes={nodes} --rdzv-id="$SLURM_JOB_ID" --rdzv-backend=c10d \\
  --rdzv-endpoint="$first:29500" {command}"""


def train(
    arm: Annotated[str, typer.Argument(help="An arm of the config.")] = "customised",
    project: ProjectFolder = Path(),
    overrides: Overrides = None,
    print_command: Annotated[
        bool, typer.Option("--print-command", help="Only show how to start it on many GPUs.")
    ] = False,
    gpus: Annotated[int, typer.Option(min=1, help="Per machine, for --print-command.")] = 8,
    nodes: Annotated[int, typer.Option(min=1, help="Machines, for --print-command.")] = 1,
) -> None:
    """Train one arm's student. On many GPUs: the same command under torchrun."""
    if print_command:
        with plain_errors():
            typer.echo(_shown(arm, project, overrides or [], gpus, nodes))
        return
    share_cores()
    from closedbook.console import OUTPUT, Progress
    from closedbook.project import Project

    with plain_errors(), Progress(OUTPUT) as progress:
        Project.open(project, overrides or ()).run(f"train/{arm}", progress)


def share_cores() -> None:
    """Trainings that share cores must not spin while they wait: they would take ten times as long.
    Read by torch's threads when they start."""
    os.environ.setdefault("GOMP_SPINCOUNT", "1000")


def _shown(arm: str, project: Path, overrides: list[str], gpus: int, nodes: int) -> str:
    """For the arm's trainer: the library starts its own processes, ours wants torchrun."""
    from closedbook.project import Project

    opened = Project.open(project, overrides)
    arms = opened.config.arms
    if arm not in arms or arms[arm].train.trainer == "loop":
        return _launch_lines(arm, project, overrides, gpus, nodes)
    own = shlex.join(_own_words(arm, project, overrides))
    folder = (opened.place.model(arm).parent / "instructlab").resolve()
    return (
        f"# before, in one process: {own}\n"
        f"# where the GPUs are, with the files of this folder\n"
        f"cd {shlex.quote(str(folder))} && python launch.py\n"
        f"# with checkpoints/ back in the folder\n{own}"
    )


def _own_words(arm: str, project: Path, overrides: list[str]) -> list[str]:
    words = ["closedbook", "train", arm, "--project", str(project.resolve())]
    for override in overrides:
        words += ["--set", override]
    return words


def _launch_lines(arm: str, project: Path, overrides: list[str], gpus: int, nodes: int) -> str:
    """One machine, then Slurm."""
    words = _own_words(arm, project, overrides)
    torchrun = f"torchrun --nproc-per-node={gpus}"
    command = f"--no-python {shlex.join(words)}"
    slurm = SLURM.format(arm=arm, nodes=nodes, gpus=gpus, torchrun=torchrun, command=command)
    return (
        f"# before, in one process: closedbook run mix --project {shlex.quote(words[4])}\n"
        f"# one machine\n{torchrun} --standalone {command}\n\n"
        f"# Slurm, as a file for sbatch\n{slurm}"
    )
