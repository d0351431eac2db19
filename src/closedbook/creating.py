"""A new project: a commented closedbook.yaml for a folder of documents."""

from __future__ import annotations

import os
from pathlib import Path

from closedbook.config import FILE_NAME, QUALITY, Preset, render_template
from closedbook.errors import UserError
from closedbook.evaluation import exam_problems
from closedbook.store import visible_files, write_atomically

NEXT = (
    "closedbook check -p {}",
    "closedbook rehearse {}",
    "closedbook forecast -p {}",
    "closedbook run -p {}",
)
"""What to do with a new project, in this order."""

NO_EXAM = (
    "exam: none; the teacher will write one, which gives no accuracy before a person has read it "
    "(out/exam/exam.jsonl) and accepted it (closedbook exam accept)"
)


def create_project(
    folder: Path, source: Path, exam: Path | None = None, preset: Preset = "rehearsal"
) -> tuple[str, ...]:
    """Write `folder`/closedbook.yaml for the documents in `source`; returns what to tell.

    A `source` that holds documents/ and exam.jsonl (a world) gives both. Raises UserError
    where there are no documents, or a closedbook.yaml already.
    """
    file = folder / FILE_NAME
    if file.exists():
        raise UserError(f"{file} exists already", hint="edit it, or choose another folder")
    if not source.is_dir():
        raise UserError(f"no such folder: {source}", hint="--from takes a folder of documents")
    if (source / "documents").is_dir() and (source / "exam.jsonl").is_file():
        source, exam = source / "documents", exam or source / "exam.jsonl"
    beside = source.parent / "exam.jsonl"
    exam = exam or (beside if beside.is_file() else None)
    if exam and not exam.is_file():
        raise UserError(f"no such exam: {exam}", hint="--exam takes a JSONL or CSV file")
    exam_seen = _seen_from(folder, exam) if exam else None
    if folder.resolve().is_relative_to(source.resolve()):
        raise UserError(
            f"{folder} lies inside {source}: its results would become documents",
            hint="choose a folder outside of your documents",
        )
    documents = _seen_from(folder, source)
    quality = [
        _seen_from(folder, path) if (path := source.parent / name).is_file() else name
        for name in QUALITY
    ]
    write_atomically(file, render_template(documents, exam_seen, preset, quality).encode())
    told = _of_exam(exam) if exam else NO_EXAM
    if preset == "nemotron-quality":
        there = all((folder / name).is_file() for name in quality)
        fetch = f"closedbook exam fetch quality --out {folder} --titles tutorial"
        told = "exam: QuALITY" if there else f"exam: QuALITY, to be fetched: {fetch}"
    empty = "" if any(visible_files(source)) else " (it holds no files yet)"
    return (
        f"wrote {file}",
        f"documents: {source}{empty}",
        told,
        f"next: {'; '.join(command.format(folder) for command in NEXT)}",
        *(["for a real student: --preset mixed-training"] if preset == "rehearsal" else []),
    )


def _of_exam(exam: Path) -> str:
    """Its path, and what is wrong with it: that can still be mended."""
    problems = exam_problems(exam)
    if not problems:
        return f"exam: {exam}"
    more = f"; {len(problems):,} problems in all" if problems[1:] else ""
    return f"exam: {exam}, to be mended before a run: {problems[0]}{more}"


def _seen_from(folder: Path, target: Path) -> str:
    """`target` as a path relative to `folder`, both of which need not exist."""
    return Path(os.path.relpath(target.resolve(), folder.resolve())).as_posix()
