"""The instructlab trainer: our encoded rows and the published study's arguments for the library of
that name, which trains on GPUs.

The library is given ids and labels, so that it learns exactly what we count. Knows its file formats
and arguments (0.16), not its training. Invariant: without a GPU nothing is lost: data, arguments
and launch script lie ready, and the checkpoints that come back are taken up by the next run.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch

from closedbook.config import Train
from closedbook.errors import TrainingError, UserError
from closedbook.events import Counts, Emit, Notice
from closedbook.records import Rejection
from closedbook.store.rows import read_json, write_atomically, write_json, write_rows
from closedbook.students import StudentSource
from closedbook.students.encode import encoding_id
from closedbook.students.student import Student, load_student, load_tokenizer
from closedbook.training import launch_instructlab
from closedbook.training.choosing import Judge
from closedbook.training.model_card import Provenance
from closedbook.training.rows import EncodedRows, load_rows
from closedbook.training.saving import save_student

FOLDER = "instructlab"
SHORTEST = 20
"""The library drops shorter rows when it encodes them itself."""


def train_with_instructlab(
    rows: Path,
    base: StudentSource,
    settings: Train,
    out: Path,
    emit: Emit,
    judge: Judge | None = None,
) -> Counts:
    """Make everything ready in `out/instructlab/`, train where there is a GPU, and turn the chosen
    epoch's checkpoint into `out/model/`.

    Raises TrainingError where there is no GPU and no checkpoints either.
    """
    folder = out / FOLDER
    tokenizer = load_tokenizer(base)
    data, rejections = load_rows(rows, tokenizer, settings.max_length)
    counts = _prepare(data, base, settings, folder, rejections)
    write_rows(out / "rejections.jsonl", rejections)
    epochs = _checkpoints(folder)
    if len(epochs) < settings.instructlab.epochs:
        _train(folder, len(epochs))
        epochs = _checkpoints(folder)
    if not epochs:
        raise TrainingError(f"instructlab left no checkpoint in {folder / 'checkpoints'}")
    chosen, student = _choose(epochs, base, judge)
    emit(Notice(f"train/{out.name}", f"the result is the checkpoint {chosen.name}"))
    recipe = {"trainer": "instructlab", **settings.instructlab.model_dump(mode="json")}
    provenance = Provenance(
        base,
        data.digest,
        encoding_id(tokenizer),
        recipe,
        counts,
        read_json(rows.parent / "table.json") or {},
    )
    save_student(student, provenance, out)
    write_rows(out / "loss.jsonl", _losses(folder))
    return counts


def _prepare(
    data: EncodedRows,
    base: StudentSource,
    settings: Train,
    folder: Path,
    rejections: list[Rejection],
) -> dict[str, int | float]:
    """Write data, arguments and launch script; rows of another length than the library takes go to
    `rejections`."""
    limit = settings.instructlab.max_seq_len
    kept = [place for place, n in enumerate(data.lengths) if SHORTEST <= n <= limit]
    for place in sorted(set(range(len(data))) - set(kept)):
        reason = "too short" if data.lengths[place] < SHORTEST else "too long"
        told = f"{data.lengths[place]} tokens"
        rejections.append(Rejection("train", FOLDER, reason, f"row {place + 1}", told))
    if not kept:
        raise TrainingError("no row can be learned", hint="see rejections.jsonl")
    write_rows(folder / "data" / "data.jsonl", _as_read(data, kept))
    write_json(folder / "arguments.json", arguments(base, settings))
    script = Path(launch_instructlab.__file__).read_bytes()
    write_atomically(folder / "launch.py", script)
    return {
        "rows": len(kept),
        "rejected": len(rejections),
        "tokens": sum(data.lengths[place] for place in kept) * settings.instructlab.epochs,
    }


def _as_read(data: EncodedRows, kept: list[int]) -> Iterator[dict[str, Any]]:
    """Rows as the library's loader reads them."""
    for place in kept:
        row = data[place]
        yield {
            "input_ids": row.ids,
            "labels": row.labels,
            "len": len(row.ids),
            "num_loss_counted_tokens": row.loss_tokens,
        }


def arguments(base: StudentSource, settings: Train) -> dict[str, dict[str, Any]]:
    """What the library is called with; paths are relative to the launch script."""
    own = settings.instructlab
    training: dict[str, Any] = {
        "model_path": base.where,
        "data_path": "data/data.jsonl",
        "data_output_dir": "data",
        "ckpt_output_dir": "checkpoints",
        "process_data": False,
        "num_epochs": own.epochs,
        **own.model_dump(exclude={"epochs", "gpus"}),
        "checkpoint_at_epoch": True,
        "accelerate_full_state_at_epoch": False,
        "distributed_backend": "fsdp",
        "random_seed": settings.seed,
    }
    if settings.lora:
        training["lora"] = settings.lora.model_dump()
    torchrun = {"nproc_per_node": own.gpus, "nnodes": 1, "node_rank": 0, "rdzv_id": 1}
    return {"torchrun": torchrun, "training": training}


def _train(folder: Path, done: int) -> None:
    if not torch.cuda.is_available():
        beside = f"; {done} of its epochs are there" if done else ""
        raise TrainingError(
            f"the instructlab trainer needs CUDA, and there is none here{beside}",
            hint=f"data and arguments lie in {folder}: where the GPUs are, run python launch.py, "
            "bring checkpoints/ back, and run this again",
        )
    if find_spec("instructlab") is None:
        raise UserError(
            "the instructlab trainer is not installed",
            hint="pip install 'instructlab-training[cuda]>=0.16.2'",
        )
    if done:  # The library begins anew; what it had done stays, out of its way.
        shutil.rmtree(folder / "checkpoints-before", ignore_errors=True)
        (folder / "checkpoints").rename(folder / "checkpoints-before")
    shutil.rmtree(folder / "checkpoints", ignore_errors=True)
    launch_instructlab.launch(folder)


def _checkpoints(folder: Path) -> list[Path]:
    """The library's checkpoints, one per epoch, in their order."""
    found = (folder / "checkpoints" / "hf_format").glob("samples_*")
    whole = [path for path in found if (path / "config.json").is_file()]
    return sorted(whole, key=lambda path: float(path.name.removeprefix("samples_")))


def _choose(epochs: list[Path], base: StudentSource, judge: Judge | None) -> tuple[Path, Student]:
    """The last checkpoint, or the one the judge finds best (the earlier of equals), with the base's
    tokenizer and training template."""

    def candidate(path: Path) -> Student:
        loaded = load_student(StudentSource(str(path), template=base.template))
        return Student(loaded.model, load_tokenizer(base), loaded.stored_as)

    chosen = max(epochs, key=lambda path: judge(candidate(path))) if judge else epochs[-1]
    return chosen, candidate(chosen)


def _losses(folder: Path) -> Iterator[dict[str, Any]]:
    """The curve from the library's log of metrics, where it wrote one."""
    for file in sorted((folder / "checkpoints").glob("training_params_and_metrics_global0*.jsonl")):
        for line in file.read_text(encoding="utf-8").splitlines():
            values = json.loads(line)
            if "avg_loss" in values:
                yield {"step": values["step"], "loss": values["avg_loss"]}
