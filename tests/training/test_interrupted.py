"""Whatever stops a training, the next run goes on to the same end."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
import torch

from closedbook.config import Train
from closedbook.errors import TrainingError
from closedbook.events import Event, Notice, silent
from closedbook.students import REHEARSAL_STUDENT
from closedbook.students.student import Student
from closedbook.training import checkpoint, trainer
from closedbook.training.checkpoint import Checkpoint
from closedbook.training.loop import Loop, Part, StepResult
from closedbook.training.trainer import train

Facts = Callable[[int], Path]
RARELY = Train(batch_tokens=256, epochs=6, max_length=64, save_minutes=60)
EVERY_STEP = RARELY.model_copy(update={"save_minutes": 1e-9})


def losses(out: Path) -> list[float]:
    return [json.loads(line)["loss"] for line in (out / "loss.jsonl").read_text().splitlines()]


CHILD = """
import sys
from pathlib import Path
import torch
from closedbook.config import Train
from closedbook.students import REHEARSAL_STUDENT
from closedbook.training.loop import Loop
from closedbook.training.trainer import train
torch.set_num_threads(1)
take = Loop.take
def told(self, parts):
    result = take(self, parts)
    print(result.step, flush=True)
    return result
Loop.take = told
rows, out, settings = sys.argv[1:]
settings = Train.model_validate_json(settings)
train(Path(rows), REHEARSAL_STUDENT, settings, Path(out), lambda event: None)
"""


def killed_at(step: int, rows: Path, out: Path, settings: Train) -> None:
    """Train in another process and kill it when it has done `step`."""
    command = [sys.executable, "-c", CHILD, str(rows), str(out), settings.model_dump_json()]
    with subprocess.Popen(command, env=os.environ, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        for line in child.stdout:
            if int(line) >= step:
                child.send_signal(signal.SIGKILL)
                break


@pytest.mark.slow
@pytest.mark.parametrize("dropout", [0.0, 0.5], ids=["full", "adapters with dropout"])
def test_a_training_killed_again_and_again_goes_on_to_the_same_end(
    tmp_path: Path, facts: Facts, dropout: float
) -> None:
    changed: dict[str, object] = {"checkpoint": "loss", "candidates": 3}
    if dropout:
        changed["lora"] = {"rank": 4, "alpha": 8, "dropout": dropout}
    settings = Train(**{**EVERY_STEP.model_dump(), **changed})
    straight = train(facts(40), REHEARSAL_STUDENT, settings, tmp_path / "straight", silent)
    out = tmp_path / "killed"
    moments = (5, int(straight["steps"]) - 1) if dropout else (1, 5, int(straight["steps"]) - 1)
    for step in moments:
        killed_at(step, facts(40), out, settings)
        assert not (out / "model").exists()
    events: list[Event] = []
    counts = train(facts(40), REHEARSAL_STUDENT, settings, out, events.append)
    (resumed,) = [e.text for e in events if isinstance(e, Notice) and "goes on" in e.text]
    assert int(resumed.rsplit(" ", 1)[1]) >= straight["steps"] - 3
    assert counts == pytest.approx(straight, abs=1e-6)
    assert losses(out) == pytest.approx(losses(tmp_path / "straight"), abs=1e-6)
    assert not (out / "checkpoint.pt").exists()


def test_a_checkpoint_is_due_after_the_configured_minutes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [1000.0]
    monkeypatch.setattr(checkpoint, "monotonic", lambda: now[0])
    kept = Checkpoint(tmp_path / "checkpoint.pt", "run", minutes=5)
    now[0] += 299
    assert not kept.due()
    now[0] += 1
    assert kept.due()
    kept.keep({})
    assert not kept.due()


@contextmanager
def room_for(size: int) -> Iterator[None]:
    """No file may grow beyond `size` bytes, as on a disk that is nearly full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, ignored)


def test_a_full_disk_leaves_the_checkpoint_before(tmp_path: Path) -> None:
    kept = Checkpoint(tmp_path / "checkpoint.pt", "run", 5)
    kept.keep({"step": 1, "weights": torch.ones(1000)})
    with room_for(2000), pytest.raises(TrainingError, match="could not be written") as caught:
        kept.keep({"step": 2, "weights": torch.ones(100_000)})
    assert "\n" not in str(caught.value)
    assert "GB are free" in caught.value.message
    state = kept.load()
    assert state is not None
    assert state["step"] == 1
    assert [file.name for file in tmp_path.iterdir()] == ["checkpoint.pt"]


@pytest.mark.slow
@pytest.mark.parametrize("settings", [EVERY_STEP, RARELY], ids=["at a checkpoint", "at the end"])
def test_with_room_again_a_training_comes_to_the_same_end(
    tmp_path: Path, facts: Facts, settings: Train
) -> None:
    straight = train(facts(16), REHEARSAL_STUDENT, RARELY, tmp_path / "straight", silent)
    out = tmp_path / "out"
    with room_for(1_000_000), pytest.raises(TrainingError, match="could not be written"):
        train(facts(16), REHEARSAL_STUDENT, settings, out, silent)
    assert {file.name for file in out.iterdir()} <= {"rejections.jsonl"}
    assert train(facts(16), REHEARSAL_STUDENT, settings, out, silent) == straight


def failing_once(at: int, error: BaseException, monkeypatch: pytest.MonkeyPatch) -> None:
    """The step after `at` raises; the one after that does not."""
    take = Loop.take
    failed: list[bool] = []

    def failing(self: Loop, parts: Sequence[Part]) -> StepResult:
        if self.step == at and not failed:
            failed.append(True)
            raise error
        return take(self, parts)

    monkeypatch.setattr(Loop, "take", failing)


@pytest.mark.slow
@pytest.mark.parametrize(
    "error",
    [
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB.\nGPU 0 has ..."),
        RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes"),
        MemoryError(),
    ],
    ids=["gpu", "cpu", "python"],
)
def test_memory_that_is_out_costs_no_step(
    tmp_path: Path, facts: Facts, error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = RARELY.model_copy(update={"micro_tokens": 128, "epochs": 2.0})
    straight = train(facts(40), REHEARSAL_STUDENT, settings, tmp_path / "straight", silent)
    failing_once(3, error, monkeypatch)
    with pytest.raises(TrainingError, match="out of memory at step 4") as caught:
        train(facts(40), REHEARSAL_STUDENT, settings, tmp_path / "out", silent)
    assert "lower train.micro_tokens (now 128)" in caught.value.hint
    assert "\n" not in str(caught.value)
    smaller = settings.model_copy(update={"micro_tokens": 60, "gradient_checkpointing": True})
    events: list[Event] = []
    counts = train(facts(40), REHEARSAL_STUDENT, smaller, tmp_path / "out", events.append)
    assert Notice("train/out", "goes on after step 3") in events
    assert counts == pytest.approx(straight, abs=1e-3)


def test_ctrl_c_costs_no_step(
    tmp_path: Path, facts: Facts, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing_once(2, KeyboardInterrupt(), monkeypatch)
    with pytest.raises(KeyboardInterrupt):
        train(facts(40), REHEARSAL_STUDENT, RARELY, tmp_path / "out", silent)
    events: list[Event] = []
    train(facts(40), REHEARSAL_STUDENT, RARELY, tmp_path / "out", events.append)
    assert Notice("train/out", "goes on after step 2") in events


def test_a_candidate_whose_scoring_was_stopped_is_scored_by_the_next_run(
    tmp_path: Path, facts: Facts
) -> None:
    settings = RARELY.model_copy(update={"checkpoint": "exam", "candidates": 3})
    marks: list[float] = []

    def judge(_: Student) -> float:
        marks.append(1 / (1 + len(marks)))
        if len(marks) == 2:
            raise KeyboardInterrupt
        return marks[-1]

    with pytest.raises(KeyboardInterrupt):
        train(facts(40), REHEARSAL_STUDENT, settings, tmp_path / "out", silent, judge)
    events: list[Event] = []
    train(facts(40), REHEARSAL_STUDENT, settings, tmp_path / "out", events.append, judge)
    scores = json.loads((tmp_path / "out" / "candidates.json").read_text())
    assert sorted(scores.values()) == [1 / 4, 1 / 3, 1]
    assert sum(isinstance(e, Notice) and "goes on" in e.text for e in events) == 1


@pytest.mark.slow
def test_a_step_that_was_stopped_while_applied_is_not_kept(
    tmp_path: Path, facts: Facts, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = RARELY.model_copy(update={"epochs": 2.0})
    straight = train(facts(40), REHEARSAL_STUDENT, settings, tmp_path / "straight", silent)
    taken: list[bool] = []
    apply = torch.optim.AdamW.step

    def stopped(self: torch.optim.AdamW) -> None:
        apply(self)
        taken.append(True)
        if len(taken) == 3:
            raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(torch.optim.AdamW, "step", stopped)
        with pytest.raises(KeyboardInterrupt):
            train(facts(40), REHEARSAL_STUDENT, settings, tmp_path / "out", silent)
    assert train(facts(40), REHEARSAL_STUDENT, settings, tmp_path / "out", silent) == straight


def test_a_student_that_does_not_fit_is_told_in_one_line(
    tmp_path: Path, facts: Facts, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory.\nmore lines")

    monkeypatch.setattr(trainer, "load_student", full)
    with pytest.raises(TrainingError, match="no room for the student") as caught:
        train(facts(4), REHEARSAL_STUDENT, RARELY, tmp_path / "out", silent)
    assert "\n" not in str(caught.value)
