"""An exam as a task of lm-evaluation-harness: a YAML file and the questions beside it.

Knows the harness's file forms, not its code. Invariant: with `--apply_chat_template` a model is
given exactly what `evaluate.answering: text` gives a student closed book, so that `acc` is our
choice by log-likelihood and `acc_norm` the one per character.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from closedbook.errors import InputError
from closedbook.records import Question
from closedbook.store import write_atomically, write_rows
from closedbook.students import ask_messages


def export_exam(name: str, questions: Sequence[Question], folder: Path) -> tuple[Path, int]:
    """Write `folder`/NAME.yaml and NAME.jsonl; returns the YAML file and how many questions are in
    it. Short answers have no options to choose from and are left out."""
    rows = [_row(question) for question in questions if question.options]
    if not rows:
        raise InputError(f"{name}: no multiple-choice question in it to export")
    write_rows(folder / f"{name}.jsonl", rows)
    file = folder / f"{name}.yaml"
    write_atomically(file, yaml.safe_dump(_task(name, folder), sort_keys=False).encode())
    return file, len(rows)


def _task(name: str, folder: Path) -> dict[str, Any]:
    data = str((folder / f"{name}.jsonl").resolve())
    return {
        "task": name,
        "dataset_path": "json",
        "dataset_kwargs": {"data_files": {"test": data}},
        "test_split": "test",
        "output_type": "multiple_choice",
        "doc_to_text": "{{prompt}}",
        "doc_to_choice": "{{options}}",
        "doc_to_target": "{{answer}}",
        "target_delimiter": "",
        "metric_list": [
            {"metric": metric, "aggregation": "mean", "higher_is_better": True}
            for metric in ("acc", "acc_norm")
        ],
        "metadata": {"version": 1},
    }


def _row(question: Question) -> dict[str, Any]:
    (turn,) = ask_messages(question.question)
    return {
        "id": question.id,
        "document": question.document,
        "prompt": turn.content,
        "options": question.options,
        "answer": question.answer,
        "hard": question.hard,
        "split": question.split,
    }
