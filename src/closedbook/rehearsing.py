"""A project's config with the built-in stand-ins, which ask nothing over the network.

Knows what in a config may ask a service or lie elsewhere; `Project` runs what this makes.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from closedbook.config import FILE_NAME, Config, examine_config
from closedbook.evaluation import files_of
from closedbook.hints import path_shown

REHEARSALS = "rehearsal"
"""The folder, below a project's results, of those of its rehearsals."""
SMALL = ("mix={tokens: 20000}", "train={}", "arms={customised: {}}")
"""Enough training to see that it runs; the command line may ask for more."""
STAND_INS = (
    "teacher={kind: rehearsal}",
    "evaluate.models={}",
    "evaluate.retrieval.search=lexical",
    "evaluate.retrieval.embedding=null",
    "evaluate.retrieval.rerank=null",
    "student={kind: rehearsal}",
)
"""In the place of all that would be asked over the network, whatever the command line says."""
OWN_EXAM = ("exam=null", "exams={}")
"""The built-in teacher asks the questions."""


def rehearsed(folder: Path, overrides: Sequence[str]) -> tuple[Config, tuple[str, ...]]:
    """The config of the project in `folder` with stand-ins, and what was left out that its owner
    might look for. Raises ConfigError for the first problem that is left."""
    file, notes = folder / FILE_NAME, []
    written, _ = examine_config(file, overrides)
    models = {name: {"kind": "rehearsal"} for name in (written.models if written else ())}
    stand_ins = [*STAND_INS, f"models={json.dumps(models)}"]
    config, problems = examine_config(file, [*SMALL, *overrides, *stand_ins])
    if config and (gone := _missing_exams(config, folder)):
        config, problems = examine_config(file, [*SMALL, *overrides, *OWN_EXAM, *stand_ins])
        notes.append(f"no such file: {gone}; the rehearsal asks questions of its own")
    if problems or config is None:
        raise problems[0]
    if written and written.evaluate.retrieval != config.evaluate.retrieval:
        search = written.evaluate.retrieval
        if search.embedding or search.rerank:
            notes.append("passages are found by words alone: no embedding or reranker is asked")
    return config, tuple(notes)


def _missing_exams(config: Config, folder: Path) -> str:
    """The first file of an exam that is not there; "" if all are."""
    files = (file for exam in config.every_exam.values() for file in files_of(exam, folder))
    return next((path_shown(file) for file in files if not file.is_file()), "")
