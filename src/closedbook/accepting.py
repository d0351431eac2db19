"""An exam that a teacher generated becomes the project's own, once a person has read it.

Knows the exam's file and closedbook.yaml, of which it changes the one key. Invariant: no file of a
person's is overwritten.
"""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from closedbook.config import FILE_NAME, load_config
from closedbook.errors import UserError
from closedbook.evaluation import load_exam
from closedbook.evaluation.reading import EXAM
from closedbook.store import write_atomically

_NO_EXAM = re.compile(r"^exam:[ \t]*(?:null|~)?(?=[ \t]*(?:#|$))", re.MULTILINE)


def accept_exam(root: Path) -> tuple[Path, int]:
    """Copy the generated exam to exam.jsonl in the project and name it in closedbook.yaml; returns
    the file and how many questions it has. Raises UserError where the project has an exam already
    or none was generated, InputError for the first line of it that is no question."""
    config, file, made = root / FILE_NAME, root / EXAM, root / "out" / "exam" / EXAM
    if load_config(config).exam is not None:
        raise UserError(f"{config} names an exam already", hint="set exam: null first")
    if not made.is_file():
        raise UserError(f"{made}: no exam was generated", hint="run: closedbook run exam")
    if file.exists():
        raise UserError(f"{file} exists already", hint="name it as `exam`, or move it away")
    questions = load_exam(made)
    text = _with_exam(config.read_text(encoding="utf-8"))
    if text is None:
        hint = f"copy {made} to {file} and set exam: {EXAM} there"
        raise UserError(f"{config}: no place found for the key exam", hint=hint)
    write_atomically(file, made.read_bytes())
    write_atomically(config, text.encode())
    return file, len(questions)


def _with_exam(text: str) -> str | None:
    """A config that names the exam, otherwise as it was; None if that cannot be done safely."""
    changed, found = _NO_EXAM.subn(f"exam: {EXAM}", text, count=1)
    if not found:
        changed = f"{text.rstrip()}\nexam: {EXAM}\n"
    try:
        same = {**yaml.safe_load(text), "exam": EXAM} == yaml.safe_load(changed)
    except (yaml.YAMLError, TypeError):
        return None
    return changed if same else None
