"""The instructlab trainer: our rows are what that library makes of them, and wait for a GPU."""

from __future__ import annotations

import importlib
import json
import shutil
import subprocess
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from closedbook.config import Train, load_config
from closedbook.errors import ConfigError, TrainingError
from closedbook.events import silent
from closedbook.records import Message, TrainingRow
from closedbook.store.rows import read_rows, write_rows
from closedbook.students import REHEARSAL_STUDENT, REPLAY, StudentSource, ask_messages
from closedbook.students.encode import encode
from closedbook.students.student import Student, load_student, load_tokenizer
from closedbook.training import instructlab, launch_instructlab
from closedbook.training.instructlab import train_with_instructlab

Facts = Callable[[int], Path]
SETTINGS = Train(trainer="instructlab", max_length=512)


def library(part: str = "") -> Any:
    """The library, whose own dependencies warn while they are imported."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return importlib.import_module(".".join(filter(None, ("instructlab.training", part))))


def made(out: Path) -> list[dict[str, list[int]]]:
    file = out / "instructlab" / "data" / "data.jsonl"
    return [json.loads(line) for line in file.read_text().splitlines()]


def mixed_rows() -> list[TrainingRow]:
    """Every policy the library knows, several turns, a system turn, edges of white space."""
    replayed = list(read_rows(REPLAY, TrainingRow))[:20]
    study = TrainingRow(
        "study",
        (
            Message("system", "Be plain and say what you know of the town."),
            Message("user", " Tell me about the town of Orr, all that there is.\n"),
            Message("assistant", "Orr is a town in the north of Ardland, on the river Kesh."),
        ),
        "all-but-system",
    )
    turns = [m for n in range(3) for m in ask_messages(f"Who runs shop {n} in Orr?")]
    talk = [m for turn in turns for m in (turn, Message("assistant", "  Ann Wold, a baker."))]
    return [*replayed, study, TrainingRow("qa", tuple(talk))]


def test_the_librarys_own_processing_gives_our_tokens_and_our_loss_tokens(tmp_path: Path) -> None:
    """Row by row, with a template that ends its headers by a line. (After the built-in student's,
    which end by a space, the library does not learn the space, which the student must write.)"""
    folder = tmp_path / "student"
    shutil.copytree(REHEARSAL_STUDENT.where, folder)
    (folder / "chat_template.jinja").write_text(
        "{% for m in messages %}<|{{ m.role }}|>\n{{ m.content }}<|end|>\n{% endfor %}"
        "{% if add_generation_prompt %}<|assistant|>\n{% endif %}"
    )
    tokenizer = library("data_process").configure_tokenizer(str(folder))
    ours = load_tokenizer(StudentSource(str(folder)))
    for row in mixed_rows():
        messages = [{"role": m.role, "content": m.content.strip()} for m in row.messages]
        sample = {"messages": messages, "unmask": row.loss != "assistant"}
        theirs = library("data_process").unmask_sample(sample, tokenizer)
        encoded = encode(ours, row, 512)
        assert theirs["input_ids"] == list(encoded.ids)
        assert theirs["labels"] == list(encoded.labels)


def test_rows_are_written_as_its_loader_reads_them(tmp_path: Path) -> None:
    import datasets  # type: ignore[import-untyped]

    rows = tmp_path / "rows.jsonl"
    write_rows(rows, [*mixed_rows(), TrainingRow("qa", (Message("assistant", "Short."),))])
    with pytest.raises(TrainingError, match="needs CUDA, and there is none here"):
        train_with_instructlab(rows, REHEARSAL_STUDENT, SETTINGS, tmp_path / "out", silent)
    file = tmp_path / "out" / "instructlab" / "data" / "data.jsonl"
    read = datasets.load_dataset("json", data_files=str(file), cache_dir=str(tmp_path / "cache"))
    tokenizer = load_tokenizer(REHEARSAL_STUDENT)
    encoded = [encode(tokenizer, row, 512) for row in mixed_rows()]
    kept = [one for one in encoded if len(one.ids) >= instructlab.SHORTEST]
    for sample, one in zip(read["train"], kept, strict=True):
        assert sample["input_ids"] == list(one.ids)
        assert sample["labels"] == list(one.labels)
        assert (sample["len"], sample["num_loss_counted_tokens"]) == (len(one.ids), one.loss_tokens)
    refused = (tmp_path / "out" / "rejections.jsonl").read_text().splitlines()
    assert len(refused) == len(encoded) + 1 - len(kept)
    assert json.loads(refused[-1])["reason"] == "too short"


def test_without_a_gpu_everything_lies_ready_and_checkpoints_are_taken_up(
    tmp_path: Path, facts: Facts
) -> None:
    out = tmp_path / "out"
    with pytest.raises(TrainingError, match="needs CUDA") as caught:
        train_with_instructlab(facts(12), REHEARSAL_STUDENT, SETTINGS, out, silent)
    assert "python launch.py" in caught.value.hint
    folder = out / "instructlab"
    assert {item.name for item in folder.iterdir()} == {"data", "arguments.json", "launch.py"}
    written = json.loads((folder / "arguments.json").read_text())
    study = {"num_epochs": 5, "learning_rate": 5e-6, "effective_batch_size": 256}
    study |= {"warmup_steps": 25, "max_seq_len": 20_000, "max_batch_len": 25_000}
    assert study.items() <= written["training"].items()
    assert written["torchrun"]["nproc_per_node"] == 8

    for epoch in range(1, 6):
        to = folder / "checkpoints" / "hf_format" / f"samples_{12 * epoch}.0"
        to.mkdir(parents=True)
        student = load_student(REHEARSAL_STUDENT)
        with torch.no_grad():
            next(student.model.parameters())[0, 0] = float(epoch)
        student.model.save_pretrained(to)
        student.tokenizer.save_pretrained(to)
    log = folder / "checkpoints" / "training_params_and_metrics_global0.jsonl"
    log.write_text('{"script_params": {}}\n{"step": 1, "avg_loss": 2.5}\n')
    train_with_instructlab(facts(12), REHEARSAL_STUDENT, SETTINGS, out, silent)
    assert marked(load_student(StudentSource(str(out / "model")))) == 5.0
    assert json.loads((out / "loss.jsonl").read_text()) == {"step": 1, "loss": 2.5}

    def judge(student: Student) -> float:
        return -abs(marked(student) - 2)

    train_with_instructlab(facts(12), REHEARSAL_STUDENT, SETTINGS, out, silent, judge)
    assert marked(load_student(StudentSource(str(out / "model")))) == 2.0


def marked(student: Student) -> float:
    """What tells one checkpoint from another."""
    return float(next(student.model.parameters())[0, 0].detach())


def test_its_arguments_are_those_the_library_takes() -> None:
    changed = SETTINGS.model_copy(update={"lora": None})
    given = instructlab.arguments(REHEARSAL_STUDENT, changed)
    taken = library().TrainingArgs(**given["training"])
    assert taken.distributed_backend.value == "fsdp"
    assert taken.process_data is False
    assert given["training"].keys() <= library().TrainingArgs.model_fields.keys()
    assert library().TorchrunArgs(**given["torchrun"]).nnodes == 1


def test_its_checkpoint_cannot_be_chosen_by_a_loss_nobody_measures(small_project: Path) -> None:
    changed = ["train.trainer=instructlab", "train.checkpoint=loss"]
    with pytest.raises(ConfigError, match="holds no rows out"):
        load_config(small_project / "closedbook.yaml", changed)


def test_its_script_takes_the_folder_it_is_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a library that only says what it was called with."""
    library = tmp_path / "library" / "instructlab" / "training"
    library.mkdir(parents=True)
    (library.parent / "__init__.py").touch()
    (library / "__init__.py").write_text(
        "TorchrunArgs = TrainingArgs = dict\n"
        "def run_training(torchrun, training): print(training['data_path'])\n"
    )
    folder = tmp_path / "made"
    folder.mkdir()
    arguments = instructlab.arguments(REHEARSAL_STUDENT, SETTINGS)
    (folder / "arguments.json").write_text(json.dumps(arguments))
    script = shutil.copy(launch_instructlab.__file__, tmp_path / "launch.py")
    command = [sys.executable, str(script), str(folder)]
    monkeypatch.setenv("PYTHONPATH", str(library.parent.parent))
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stdout.strip() == str(folder / "data" / "data.jsonl"), done.stderr


def test_epochs_that_were_brought_back_outlive_a_new_start(
    tmp_path: Path, facts: Facts, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "out" / "instructlab"
    back = folder / "checkpoints" / "hf_format" / "samples_12.0"
    back.mkdir(parents=True)
    (back / "config.json").write_text("{}")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(instructlab, "find_spec", lambda _: True)
    monkeypatch.setattr(launch_instructlab, "launch", lambda _: None)
    with pytest.raises(TrainingError, match="left no checkpoint"):
        train_with_instructlab(facts(12), REHEARSAL_STUDENT, SETTINGS, tmp_path / "out", silent)
    assert (folder / "checkpoints-before" / "hf_format" / "samples_12.0").is_dir()
