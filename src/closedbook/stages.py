"""How each stage is wired to its room: a version, the settings and files it depends on, a call.

A version is bumped when the meaning of what a stage writes changes. Knows no order; that is
`pipeline`'s.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Self

from closedbook import (
    curation,
    evaluation,
    flows,
    mixing,
    reporting,
    training,
)
from closedbook import (
    documents as reading,
)
from closedbook.config import Config, EndpointTeacher, Price, Teacher
from closedbook.engine import TEACHER, Account, Role
from closedbook.events import Counts, Emit
from closedbook.models import make_teacher
from closedbook.store import Make, Place, Stage, knowledge_files
from closedbook.students import REPLAY, RETENTION, UNREPLAYED, StudentSource, find_student

JUDGE = "judge"
REHEARSED_QUESTIONS = 100


@dataclass(frozen=True, slots=True)
class Setup:
    """A config at a place, with the teacher and the student that it names."""

    config: Config
    place: Place
    account: Account
    student: StudentSource
    identity: str
    """The student's; found once, since it reads the weights."""

    @classmethod
    def of(cls, config: Config, place: Place) -> Self:
        student = find_student(config.student, place.root)
        teacher = _role(config.teacher)
        others = {name: _role(settings) for name, settings in config.models.items()}
        roles = {TEACHER: teacher, JUDGE: teacher, **others}
        account = Account(roles, place.journal, config.budget)
        return cls(config, place, account, student, student.identity)

    @property
    def reviewed(self) -> bool:
        """Whether a person wrote the exam, so that its results mean something."""
        return self.config.exam is not None and not self.place.rehearsal

    @property
    def examined(self) -> tuple[str, ...]:
        return ("base", *self.config.arms)

    def student_of(self, arm: str) -> StudentSource:
        """Base, or the model that training leaves for an arm."""
        return self.student if arm == "base" else StudentSource(str(self.place.model(arm)))


def documents(setup: Setup) -> Stage:
    folder = setup.place.root / setup.config.documents
    make = partial(reading.read_documents, folder)
    return Stage("documents", 1, None, {"documents": folder}, make)


def exam(setup: Setup) -> Stage:
    """The project's own exam, or one asked of the teacher."""
    place = setup.place
    if setup.config.exam is not None:
        file = place.root / setup.config.exam
        return Stage("exam", 1, None, {"exam": file}, partial(evaluation.copy_exam, file))
    given = flows.Given.of(setup.config)
    asked = flows.load_flows(flows.EXAM_FLOWS, flows.TO_EXAMINE, place.root, given)
    make = partial(flows.generate_exam, place.documents, asked, setup.account)
    return _asking("exam", setup, asked, make)


def generating_flows(setup: Setup) -> list[flows.Flow]:
    """The flows of the config, loaded."""
    names = setup.config.generate.flows
    given = flows.Given.of(setup.config)
    return flows.load_flows(names, flows.TO_TRAIN_ON, setup.place.root, given)


def generate(setup: Setup) -> Stage:
    place, asked = setup.place, generating_flows(setup)
    make = partial(flows.generate, place.documents, asked, setup.account)
    return _asking("generate", setup, asked, make)


def curate(setup: Setup) -> Stage:
    place, settings = setup.place, setup.config.curate
    plugins = place.root / "filters"
    inputs = {
        "documents": place.documents,
        "exam": place.exam,
        **knowledge_files(place.generated),
        **{f"filters/{file.name}": file for file in plugins.glob("*.py")},
    }
    make = partial(curation.curate, place.documents, place.generated, place.exam, plugins, settings)
    return Stage(
        "curate", 1, settings.model_dump(), inputs, make, ("documents", "exam", "generate")
    )


def mix(setup: Setup, name: str) -> Stage:
    place, arm = setup.place, setup.config.arms[name]
    replay = {"builtin": REPLAY, "none": None}.get(arm.mix.replay, place.root / arm.mix.replay)
    ingredients = mixing.Ingredients(
        documents=place.documents,
        curated=place.curated,
        replay=replay,
        student=setup.student,
        max_length=arm.train.max_length,
        passage_characters=setup.config.evaluate.passage_characters,
    )
    settings = {
        **arm.mix.model_dump(),
        "student": setup.identity,
        "max_length": ingredients.max_length,
        "passage_characters": ingredients.passage_characters,
    }
    inputs = {"documents": place.documents, **knowledge_files(place.curated)}
    if replay:
        inputs["replay"] = replay

    def make(out: Path, emit: Emit) -> Counts:
        return mixing.mix(ingredients, arm.mix, out, emit)

    return Stage(f"mix/{name}", 2, settings, inputs, make, ("documents", "curate"))


def train(setup: Setup, name: str) -> Stage:
    rows, how = setup.place.mixture(name), setup.config.arms[name].train
    settings = {**how.model_dump(exclude={"save_minutes"}), "student": setup.identity}

    def make(out: Path, emit: Emit) -> Counts:
        return training.train(rows, setup.student, how, out, emit)

    return Stage(f"train/{name}", 1, settings, {"rows": rows}, make, (f"mix/{name}",))


def sit_exams(setup: Setup, name: str) -> Stage:
    """One arm sits the exam; a rehearsal student also what it may have forgotten, closed book."""
    place, settings, student = setup.place, setup.config.evaluate, setup.student_of(name)
    # Only the built-in student comes with questions about what it knew before.
    known = setup.config.student.kind == "rehearsal" and setup.reviewed
    retention = {"retention": RETENTION, "unreplayed": UNREPLAYED} if known else {}
    inputs = {"documents": place.documents, "exam": place.exam, **retention}
    after = ["documents", "exam"]
    if name != "base":
        inputs["model"] = place.model(name)
        after.append(f"train/{name}")

    def make(out: Path, emit: Emit) -> Counts:
        own = evaluation.Exam.stored(
            "exam" if setup.reviewed else "unreviewed",
            place.exam,
            settings.conditions,
            limit=REHEARSED_QUESTIONS if place.rehearsal else None,
        )
        others = [
            evaluation.Exam.stored(exam, file, ("closed_book",)) for exam, file in retention.items()
        ]
        examinee = evaluation.LocalExaminee.load(student, settings.answer_tokens)
        return evaluation.answer_exams(
            [own, *others], name, examinee, place.documents, settings, out, emit
        )

    asked = settings.model_dump(exclude={"resamples", "seed"})
    identified = {**asked, "student": setup.identity, "reviewed": setup.reviewed}
    return Stage(f"evaluate/{name}", 2, identified, inputs, make, tuple(after))


def summarise(setup: Setup) -> Stage:
    settings, reviewed = setup.config.evaluate, setup.reviewed
    files = {arm: setup.place.responses(arm) for arm in setup.examined}

    def make(out: Path, _: Emit) -> Counts:
        return evaluation.summarise(files, settings, out, reviewed=reviewed)

    drawn = {"resamples": settings.resamples, "seed": settings.seed, "reviewed": reviewed}
    after = tuple(f"evaluate/{arm}" for arm in setup.examined)
    return Stage("evaluate", 1, drawn, files, make, after)


def report(setup: Setup, before: Sequence[str]) -> Stage:
    """The page about the stages named `before`."""
    place, config = setup.place, setup.config
    kinds = {"teacher": config.teacher.kind, "student": config.student.kind}
    teacher = setup.account.roles[TEACHER].model
    identities = {"teacher": teacher.identity, "student": setup.identity}

    def make(out: Path, _: Emit) -> Counts:
        page = reporting.gather(
            place.out,
            before,
            title=place.root.resolve().name,
            identities=identities,
            limits=reporting.limits(kinds["student"], reviewed=setup.reviewed),
            banner=reporting.banner(**kinds),
        )
        reporting.write_report(page, place.report)
        reporting.write_plot(place.summary, out / "plot.svg")
        return {}

    manifests = {stage: place.out / stage / "manifest.json" for stage in before}
    settings = {**kinds, **identities, "reviewed": setup.reviewed}
    return Stage("report", 1, settings, manifests, make, tuple(before), ("../report.html",))


def _role(settings: Teacher) -> Role:
    model = make_teacher(settings)
    if not isinstance(settings, EndpointTeacher):
        return Role(model, Price(prompt=0, completion=0))
    return Role(model, settings.price, settings.max_tokens, settings.attempts)


def _asking(name: str, setup: Setup, asked: Sequence[flows.Flow], make: Make) -> Stage:
    """A stage that asks the teacher; the texts of its flows and prompts count as inputs."""
    roles = ((name, role.model.identity) for name, role in setup.account.roles.items())
    settings = {"models": dict(roles), "flows": [flow.name for flow in asked]}
    files = {
        f"{flow.name}: {file.parent.name}/{file.name}": file
        for flow in asked
        for file in flow.files
    }
    inputs = {"documents": setup.place.documents, **files}
    return Stage(name, 1, settings, inputs, make, ("documents",))
