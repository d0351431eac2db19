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
from closedbook.hints import command
from closedbook.store import Place, locked, read_manifest, replace_text, write_atomically

EXAM = "exam.jsonl"
"""Its name in the project."""
_NO_EXAM = re.compile(r"^exam:[ \t]*(?:null|~)?(?=[ \t]*(?:#|\r?$))", re.MULTILINE)


def accept_exam(root: Path) -> tuple[Path, int]:
    """Copy the generated exam to exam.jsonl in the project and name it in closedbook.yaml; returns
    the file and how many questions it has. Raises UserError where the project has an exam already
    or none was generated, ProjectBusy under a run, InputError for the first line of the exam that
    is no question."""
    config, file = root / FILE_NAME, root / EXAM
    read = load_config(config)
    if read.exam is not None:
        raise UserError(f"{config} names an exam already", hint="set exam: null first")
    place = Place.of(root, rehearsed=read.teacher.kind == "rehearsal")
    with locked(root):
        if not place.has_exam or read_manifest(place.exam.parent) is None:
            raise UserError(
                f"{place.exam}: no exam was generated", hint=f"run: {command('run exam')}"
            )
        if file.exists():
            raise UserError(f"{file} exists already", hint="name it as `exam`, or move it away")
        questions = load_exam(place.exam)
        text = _with_exam(config.read_bytes().decode())
        if text is None:
            hint = f"copy {place.exam} to {file} and set exam: {EXAM} there"
            raise UserError(f"{config}: no place found for the key exam", hint=hint)
        write_atomically(file, place.exam.read_bytes())
        replace_text(config, text)
    return file, len(questions)


def _with_exam(text: str) -> str | None:
    """A config that names the exam, otherwise as it was; None if that cannot be done safely."""
    changed, found = _NO_EXAM.subn(f"exam: {EXAM}", text, count=1)
    try:
        before = yaml.safe_load(text)
        if not found and "exam" not in before:
            end = "\r\n" if "\r\n" in text else "\n"
            whole = text if text.endswith("\n") else text + end
            changed = f"{whole}exam: {EXAM}{end}"
        same = {**before, "exam": EXAM} == yaml.safe_load(changed)
    except (yaml.YAMLError, TypeError):
        return None
    return changed if same else None
