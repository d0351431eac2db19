"""Which student a config means: the built-in one, a local folder, or a name on the Hub.

Light: nothing is loaded. A student's identity follows from its weights where they are on disk, so
that a replaced folder is another student.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from closedbook.config import HuggingFaceStudent, RehearsalStudent
from closedbook.store import digest_file

MODEL_FILES = {".safetensors", ".bin", ".json", ".jinja", ".model", ".txt", ".py"}
"""What a student is made of; a replay or an exam beside it is not."""
_SHIPPED = Path(__file__).parent / "rehearsal_base"
REPLAY = _SHIPPED / "replay.jsonl"
RETENTION = _SHIPPED / "retention.jsonl"
UNREPLAYED = _SHIPPED / "unreplayed.jsonl"


@dataclass(frozen=True, slots=True)
class StudentSource:
    """Where a student is: a folder or a Hub name for `from_pretrained`, and its revision there."""

    where: str
    revision: str = "main"

    @property
    def identity(self) -> str:
        """What tells this student from any other."""
        folder = Path(self.where)
        if not folder.is_dir():
            return f"{self.where}@{self.revision}"
        state = hashlib.blake2b(digest_size=16)
        for file in sorted(folder.iterdir()):
            if file.suffix in MODEL_FILES:
                state.update(f"{file.name}\0{digest_file(file)}\n".encode())
        return state.hexdigest()


REHEARSAL_STUDENT = StudentSource(str(_SHIPPED))
"""The built-in student, with its replay and retention exam beside it."""


def find_student(settings: RehearsalStudent | HuggingFaceStudent, root: Path) -> StudentSource:
    """The student of a project whose folder is `root`."""
    if isinstance(settings, RehearsalStudent):
        return REHEARSAL_STUDENT
    folder = root / settings.model
    return StudentSource(str(folder) if folder.is_dir() else settings.model, settings.revision)
