"""The trained student as a Hugging Face folder.

Weights come from a gathered state, whole and on the CPU, so that it is the same for one process and
for many. Invariant: the folder is complete or not there.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError

from closedbook.config import Train
from closedbook.store import write_json
from closedbook.students import StudentSource
from closedbook.students.student import Student, load_student
from closedbook.training.adapting import with_adapters, without_adapters
from closedbook.training.checkpoint import unwritten
from closedbook.training.model_card import Provenance, write_card


def trained(base: StudentSource, settings: Train, weights: Mapping[str, Any]) -> Student:
    """The base with the trained `weights`, in float32 on the CPU."""
    student = load_student(base)
    adapted = with_adapters(student.model, settings.lora)
    adapted.load_state_dict(dict(weights), strict=False)
    plain = without_adapters(adapted, settings.lora).train(False)
    return Student(plain, student.tokenizer, student.stored_as)


def save_student(student: Student, provenance: Provenance, out: Path) -> None:
    """Write `out/model/`: weights (in the type the base is stored in), tokenizer, chat template and
    card; and `out/student.json`, its identity. Raises TrainingError where there is no room."""
    folder = out / "model"
    partial = folder.with_name(f".{folder.name}-partial")
    shutil.rmtree(partial, ignore_errors=True)
    try:
        stored = student.stored_as or torch.float32
        student.model.to(stored)  # type: ignore[arg-type]
        student.model.save_pretrained(partial)
        student.tokenizer.save_pretrained(partial)
        (partial / "README.md").write_text(write_card(provenance), encoding="utf-8")
    except (OSError, RuntimeError, SafetensorError) as error:
        shutil.rmtree(partial, ignore_errors=True)
        raise unwritten(folder, error) from error
    shutil.rmtree(folder, ignore_errors=True)
    partial.rename(folder)
    write_json(out / "student.json", {"identity": StudentSource(str(folder)).identity})
