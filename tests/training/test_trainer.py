"""Training: it learns, says what it did, refuses what it cannot use, and survives a kill."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch

from closedbook.config import Train
from closedbook.errors import TrainingError
from closedbook.events import Event, StageProgress, silent
from closedbook.records import Message, TrainingRow
from closedbook.store.rows import write_rows
from closedbook.students import REHEARSAL_STUDENT, StudentSource, ask_messages
from closedbook.students.answering import generate
from closedbook.students.student import load_student
from closedbook.training.loop import Schedule
from closedbook.training.trainer import train

SETTINGS = Train(batch_tokens=256, epochs=3, max_length=64, save_minutes=60)


def write_facts(path: Path, count: int = 40) -> Path:
    rows = [
        TrainingRow(
            "qa", (*ask_messages(f"Who runs shop {n}?"), Message("assistant", f"Owner {n * 7}"))
        )
        for n in range(count)
    ]
    write_rows(path, rows)
    return path


def losses(out: Path) -> list[float]:
    return [json.loads(line)["loss"] for line in (out / "loss.jsonl").read_text().splitlines()]


def test_a_student_learns_what_it_is_shown(tmp_path: Path) -> None:
    row = TrainingRow("qa", (*ask_messages("Who runs shop 1?"), Message("assistant", "Ann Wold")))
    write_rows(tmp_path / "rows.jsonl", [row] * 20)
    events: list[Event] = []
    settings = Train(batch_tokens=128, epochs=6, max_length=64, warmup_share=0)
    counts = train(
        tmp_path / "rows.jsonl", REHEARSAL_STUDENT, settings, tmp_path / "out", events.append
    )
    trained = load_student(StudentSource(str(tmp_path / "out" / "model")))
    assert generate(trained, [ask_messages("Who runs shop 1?")], 16) == ["Ann Wold"]
    assert losses(tmp_path / "out")[-1] < 0.2 * losses(tmp_path / "out")[0]
    assert counts["steps"] == len(losses(tmp_path / "out"))
    last = events[-1]
    assert isinstance(last, StageProgress)
    assert (last.done, last.total) == (counts["steps"], counts["steps"])
    assert "tokens/s" in last.note


def test_counts_are_those_of_the_rows(tmp_path: Path) -> None:
    rows = write_facts(tmp_path / "rows.jsonl", 10)
    counts = train(rows, REHEARSAL_STUDENT, SETTINGS, tmp_path / "out", silent)
    tokenizer = load_student(REHEARSAL_STUDENT).tokenizer
    answers = [tokenizer.tokenize(f" Owner {n * 7}<|end|>") for n in range(10)]
    assert counts["loss_tokens"] == 3 * sum(map(len, answers))
    assert counts["rows"] == 10
    assert counts["rejected"] == 0


def test_refused_rows_are_kept_with_their_reason(tmp_path: Path) -> None:
    good = TrainingRow("qa", (*ask_messages("Who?"), Message("assistant", "Ann")))
    long = TrainingRow(
        "qa", (*ask_messages("Who? " * 99), Message("assistant", "Ann")), "all", "d1"
    )
    write_rows(tmp_path / "rows.jsonl", [good, long])
    counts = train(tmp_path / "rows.jsonl", REHEARSAL_STUDENT, SETTINGS, tmp_path / "out", silent)
    (rejection,) = map(json.loads, (tmp_path / "out/rejections.jsonl").read_text().splitlines())
    assert (rejection["reason"], rejection["subject"]) == ("too long", "d1")
    assert (counts["rows"], counts["rejected"]) == (1, 1)


def test_nothing_to_learn_stops_the_run(tmp_path: Path) -> None:
    write_rows(tmp_path / "rows.jsonl", [TrainingRow("qa", ask_messages("Who?"))])
    with pytest.raises(TrainingError, match="no row can be learned"):
        train(tmp_path / "rows.jsonl", REHEARSAL_STUDENT, SETTINGS, tmp_path / "out", silent)


def test_the_rate_rises_and_falls() -> None:
    schedule = Schedule(rate=1.0, warmup=10, steps=100)
    rates = [schedule.at(step) for step in range(100)]
    assert rates[:10] == sorted(rates[:10])
    assert max(rates) == rates[9] == 1.0
    assert rates[10:] == sorted(rates[10:], reverse=True)
    assert rates[-1] < 0.06


CHILD = """
import sys
from pathlib import Path
import torch
from closedbook.config import Train
from closedbook.students import REHEARSAL_STUDENT
from closedbook.training.trainer import train
torch.set_num_threads(1)
rows, out = map(Path, sys.argv[1:])
settings = Train(batch_tokens=256, epochs=6, max_length=64, save_minutes=0.0005)
train(rows, REHEARSAL_STUDENT, settings, out, lambda event: None)
"""


def test_a_killed_training_goes_on_to_the_same_end(tmp_path: Path) -> None:
    rows = write_facts(tmp_path / "rows.jsonl", 40)
    settings = Train(batch_tokens=256, epochs=6, max_length=64, save_minutes=60)
    straight = train(rows, REHEARSAL_STUDENT, settings, tmp_path / "straight", silent)

    out = tmp_path / "killed"
    command = [sys.executable, "-c", CHILD, str(rows), str(out)]
    child = subprocess.Popen(command, env=os.environ, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while not (out / "checkpoint.pt").exists() and time.monotonic() < deadline:
        time.sleep(0.005)
    child.send_signal(signal.SIGKILL)
    child.wait()
    assert (out / "checkpoint.pt").exists()
    assert not (out / "model").exists()

    steps: list[int] = []
    again = Train(batch_tokens=256, epochs=6, max_length=64, save_minutes=0.0005)
    counts = train(
        rows,
        REHEARSAL_STUDENT,
        again,
        out,
        lambda event: steps.append(event.done) if isinstance(event, StageProgress) else None,
    )
    assert counts == straight
    assert losses(out) == losses(tmp_path / "straight")
    assert not (out / "checkpoint.pt").exists()


def test_a_checkpoint_of_other_rows_is_not_taken(tmp_path: Path) -> None:
    few, many = write_facts(tmp_path / "few.jsonl", 8), write_facts(tmp_path / "many.jsonl", 16)
    out = tmp_path / "out"
    out.mkdir()
    alone = train(few, REHEARSAL_STUDENT, SETTINGS, tmp_path / "alone", silent)
    torch.save({"run": "another", "loop": {}, "history": []}, out / "checkpoint.pt")
    assert train(few, REHEARSAL_STUDENT, SETTINGS, out, silent) == alone
    assert train(many, REHEARSAL_STUDENT, SETTINGS, out, silent)["rows"] == 16


def test_a_damaged_checkpoint_is_named(tmp_path: Path) -> None:
    rows = write_facts(tmp_path / "rows.jsonl", 8)
    out = tmp_path / "out"
    out.mkdir()
    (out / "checkpoint.pt").write_bytes(b"half a file")
    with pytest.raises(TrainingError, match=r"checkpoint\.pt cannot be read"):
        train(rows, REHEARSAL_STUDENT, SETTINGS, out, silent)
