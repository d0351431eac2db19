"""Which student a config means: the built-in one, a local folder, or a name on the Hub.

Light: nothing is loaded. A student's identity follows from its weights where they are on disk, so
that a replaced folder is another student.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from closedbook.config import HuggingFaceStudent, RehearsalStudent
from closedbook.errors import MissingExtra
from closedbook.models.profiles import choose_profile, training_template
from closedbook.store import digest_file

MODEL_FILES = {".safetensors", ".bin", ".json", ".jinja", ".model", ".txt", ".py"}
"""What a student is made of; a replay or an exam beside it is not."""
_SHIPPED = Path(__file__).parent / "rehearsal_base"
REPLAY = _SHIPPED / "replay.jsonl"
RETENTION = _SHIPPED / "retention.jsonl"
UNREPLAYED = _SHIPPED / "unreplayed.jsonl"


@dataclass(frozen=True, slots=True)
class StudentSource:
    """Where a student is: a folder or a Hub name for `from_pretrained`, and its revision there;
    `template` takes the place of its own chat template, if it is not empty."""

    where: str
    revision: str = "main"
    template: str = ""

    @property
    def identity(self) -> str:
        """What tells this student from any other."""
        folder = Path(self.where)
        state = hashlib.blake2b(self.template.encode(), digest_size=16)
        if not folder.is_dir():
            by = f", template {state.hexdigest()[:8]}" if self.template else ""
            return f"{self.where}@{self.revision}{by}"
        for file in sorted(folder.iterdir()):
            if file.suffix in MODEL_FILES:
                state.update(f"{file.name}\0{digest_file(file)}\n".encode())
        return state.hexdigest()


REHEARSAL_STUDENT = StudentSource(str(_SHIPPED))
"""The built-in student, with its replay and retention exam beside it."""


def find_student(settings: RehearsalStudent | HuggingFaceStudent, root: Path) -> StudentSource:
    """The student of a project whose folder is `root`, with its family's training template.
    Raises ConfigError where a profile is wrong."""
    if isinstance(settings, RehearsalStudent):
        return REHEARSAL_STUDENT
    folder = root / settings.model
    template = training_template(choose_profile(None, settings.model, root).profile, root)
    where = str(folder) if folder.is_dir() else settings.model
    return StudentSource(where, settings.revision, template)


def require_training_extra() -> None:
    """Raises MissingExtra if a local student cannot be loaded or trained here; asked before a leaf
    imports torch, so that a user reads a pip line and not a traceback."""
    for module in ("torch", "transformers", "accelerate"):
        if find_spec(module) is None:
            raise MissingExtra("train", module)
