"""The shape of closedbook.yaml as a whole; each section has a file of its own beside this.

Reading the file and finding the line of a mistake is `loading`'s work. Paths are relative to the
folder of closedbook.yaml.
"""

from __future__ import annotations

import re

from pydantic import Field, ValidationInfo, field_validator

from closedbook.config.examination import AnyExam, EndpointModel, Evaluate, Exam, FileExam
from closedbook.config.knowledge import Curate, Generate, Icl
from closedbook.config.mixture import Mix
from closedbook.config.section import Settings
from closedbook.config.students import RehearsalStudent, Student
from closedbook.config.teachers import Caps, EndpointTeacher, Teacher
from closedbook.config.training import Train

EXAM_NAMES = ("exam", "unreviewed", "retention", "unreplayed", "general", "regression")
"""Names that have a meaning already."""
ARM_NAME = re.compile(r"[a-z][a-z0-9_-]*")


class Arm(Settings):
    """A variant of the experiment: its own mixture and training."""

    mix: Mix = Mix()
    train: Train = Train()


class Config(Settings):
    """The whole of closedbook.yaml. `models` are asked in other roles than the teacher's; the
    "judge" is the teacher where it names none. `mix` and `train` are the defaults of every arm; an
    arm names only what differs. `base`, the untrained student, is always examined too. The
    report is about `exam`, `exams` are asked beside it; a text is the path of a file."""

    documents: str
    exam: Exam | None = None
    exams: dict[str, Exam] = {}
    teacher: Teacher
    models: dict[str, Teacher] = {}
    student: Student
    budget: Caps = Caps()
    icl: Icl = Icl()
    generate: Generate = Generate()
    curate: Curate = Curate()
    mix: Mix = Mix()
    train: Train = Train()
    arms: dict[str, Arm] = {"customised": Arm()}
    evaluate: Evaluate = Field(Evaluate(), validate_default=True)

    @field_validator("budget")
    @classmethod
    def _priced(cls, budget: Caps, info: ValidationInfo) -> Caps:
        if budget.usd is None:
            return budget
        others = {f"models.{name}": model for name, model in info.data.get("models", {}).items()}
        for key, model in {"teacher": info.data.get("teacher"), **others}.items():
            if isinstance(model, EndpointTeacher) and not model.price:
                needed = f"{key}.price: {{prompt: ..., completion: ...}}"
                raise ValueError(f"a cap in usd needs {needed}")
        return budget

    @field_validator("exams")
    @classmethod
    def _beside(cls, exams: dict[str, Exam], info: ValidationInfo) -> dict[str, Exam]:
        if exams and info.data.get("exam") is None:
            raise ValueError("exams are asked beside the main one: set exam too")
        for name in exams:
            if name in EXAM_NAMES or not ARM_NAME.fullmatch(name):
                raise ValueError(f"{name!r} is taken or no name: use a-z, 0-9, - and _")
        return exams

    @property
    def every_exam(self) -> dict[str, AnyExam]:
        """The exams by name, the main one first."""
        named = {"exam": self.exam, **self.exams} if self.exam is not None else {}
        return {
            name: FileExam(kind="file", path=exam) if isinstance(exam, str) else exam
            for name, exam in named.items()
            if exam is not None
        }

    @property
    def chosen_by_exam(self) -> tuple[str, ...]:
        """The arms whose checkpoint the exam chooses."""
        return tuple(name for name, arm in self.arms.items() if arm.train.checkpoint == "exam")

    @field_validator("evaluate")
    @classmethod
    def _others(cls, evaluate: Evaluate, info: ValidationInfo) -> Evaluate:
        arms, teacher = info.data.get("arms", {}), info.data.get("teacher")
        for name, model in evaluate.models.items():
            if name == "base" or name in arms or not ARM_NAME.fullmatch(name):
                raise ValueError(f"models: {name!r} is taken or no name: use a-z, 0-9, - and _")
            if model.kind == "teacher" and teacher and not isinstance(teacher, EndpointTeacher):
                raise ValueError(
                    f"models: {name!r}: the rehearsal teacher is no language model to be examined"
                )
        return evaluate

    @field_validator("evaluate")
    @classmethod
    def _told_apart(cls, evaluate: Evaluate) -> Evaluate:
        known: dict[tuple[str, str], tuple[str, EndpointModel]] = {}
        for name, model in evaluate.models.items():
            if not isinstance(model, EndpointModel) or model.weights:
                continue
            first, other = known.setdefault((model.model, model.revision), (name, model))
            if other.addresses != model.addresses:
                raise ValueError(
                    f"models: {first!r} and {name!r} are one model by name and revision, so that "
                    "one gets the other's answers: give one a revision"
                )
        return evaluate

    @field_validator("evaluate")
    @classmethod
    def _answering(cls, evaluate: Evaluate, info: ValidationInfo) -> Evaluate:
        """The built-in student knows no letters; a published one writes, as endpoints do."""
        student = info.data.get("student")
        if evaluate.answering or student is None:
            return evaluate
        how = "turn" if isinstance(student, RehearsalStudent) else "generate"
        return evaluate.model_copy(update={"answering": how})

    @field_validator("evaluate")
    @classmethod
    def _priced_too(cls, evaluate: Evaluate, info: ValidationInfo) -> Evaluate:
        if info.data.get("budget", Caps()).usd is None:
            return evaluate
        search = evaluate.retrieval
        asked: dict[str, object] = {
            "retrieval.embedding": search.embedding,
            "retrieval.rerank": search.rerank,
            **{f"models.{name}": model for name, model in evaluate.models.items()},
        }
        for key, model in asked.items():
            if getattr(model, "price", 0) is None:
                raise ValueError(f"a cap in usd needs evaluate.{key}.price")
        return evaluate

    @field_validator("arms")
    @classmethod
    def _names(cls, arms: dict[str, Arm]) -> dict[str, Arm]:
        for name in arms:
            if name == "base":
                raise ValueError("'base' is the untrained student and always there")
            if not ARM_NAME.fullmatch(name):
                raise ValueError(f"{name!r} is no arm name: use a-z, 0-9, - and _")
        return arms
