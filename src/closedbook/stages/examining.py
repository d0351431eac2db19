"""The stages that measure: every arm sits the exams, and the results are summarised."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from closedbook import evaluation, mixing
from closedbook.config import (
    EndpointModel,
    EndpointTeacher,
    HuggingFaceStudent,
    ImportedAnswers,
    TeacherModel,
)
from closedbook.engine import TEACHER, Account
from closedbook.events import Counts, Emit, Notice
from closedbook.models.context import context_of
from closedbook.models.endpoint import Endpoint
from closedbook.models.profiles import Profile, choose_profile
from closedbook.records import UNREVIEWED, Message, TrainingRow
from closedbook.stages.setup import Setup, role_of
from closedbook.store import Stage, read_rows
from closedbook.store.said import SaidBefore
from closedbook.students import RETENTION, UNREPLAYED, StudentSource, find_student

REHEARSED_QUESTIONS = 100
NOT_ASKED = ("resamples", "models", "passage_characters", "retrieval")
"""Settings that decide nothing about what an arm is asked."""


@dataclass(frozen=True, slots=True)
class Sitter:
    """Who sits the exams as an arm: what tells it from others, the files and stages it needs, and
    how to get it ready."""

    identified: dict[str, Any]
    inputs: Mapping[str, Path]
    after: tuple[str, ...]
    ready: Callable[[], evaluation.Examinee]


def sit_exams(setup: Setup, name: str) -> Stage:
    """One arm sits the exams; a rehearsal student also what it may have forgotten, closed book."""
    place, settings, sitter = setup.place, setup.config.evaluate, _sitter(setup, name)
    # Only the built-in student comes with questions about what it knew before.
    own = name in setup.students and not setup.unreviewed
    known = own and setup.config.student.kind == "rehearsal"
    retention = {"retention": RETENTION, "unreplayed": UNREPLAYED} if known else {}
    general = _general(setup, name)
    inputs = {
        "documents": place.documents,
        "exam": place.exam,
        "retrieved": place.retrieved,
        **retention,
        **general,
        **({"judge": evaluation.PROMPT} if settings.judge else {}),
        **sitter.inputs,
    }

    switches = not _profile(setup).thinking.fixed
    judge = evaluation.Judge(setup.account, settings.judge) if settings.judge else None

    def make(out: Path, emit: Emit) -> Counts:
        for problem in evaluation.in_replay(general, _replayed(setup, name)):
            raise problem
        own = [replace(e, judge=judge) for e in _exams(setup, floor=name == "base")]
        others = [
            evaluation.Exam.stored(exam, file, ("closed_book",)) for exam, file in retention.items()
        ]
        library = evaluation.open_library(place.documents, place.retrieved, settings)
        examinee = sitter.ready()
        exams = [*own, *others, *evaluation.general_exams(general, judge, switches=switches)]
        counts = evaluation.answer_exams(exams, name, examinee, library, settings, out, emit)
        return {**counts, **_unused(examinee, name, emit)}

    decisive = settings.model_dump(mode="json", exclude={*NOT_ASKED})
    decisive["retrieval"] = settings.retrieval.model_dump(include={"order", "titled"})
    asked = {**decisive, **sitter.identified}
    asked["reviewed"] = not setup.unreviewed
    asked["judged_by"] = setup.asked[settings.judge] if settings.judge else None
    after = ("documents", "exam", "retrieve", *sitter.after)
    return Stage(f"evaluate/{name}", 5, asked, inputs, make, after)


def _general(setup: Setup, name: str) -> dict[str, Path]:
    """General questions for base and arms: what has changed, training has changed."""
    if name not in setup.students or setup.unreviewed:
        return {}
    published = setup.config.student.kind == "huggingface"
    return evaluation.general_files(setup.place.root, published=published)


def _replayed(setup: Setup, name: str) -> Iterator[Message]:
    """The turns that an arm's mixture took from its replay, without what a thinking switch put
    after them."""
    arm, root = setup.config.arms.get(name), setup.place.root
    if arm is None:
        return
    recipe = mixing.load_recipe(arm.mix, name, root, setup.config.generate.flows)
    thinking = choose_profile(None, setup.student.where, root).profile.thinking
    added = {}
    for source in recipe.sources:
        if source.of == "replay":
            switch = thinking.switch(source.thinking)
            added[source.name] = f"\n\n{switch.user_last}" if switch and switch.user_last else ""
    for row in read_rows(setup.place.mixture(name), TrainingRow):
        if row.source in added:
            for turn in row.messages:
                yield replace(turn, content=turn.content.removesuffix(added[row.source]))


def _exams(setup: Setup, *, floor: bool) -> list[evaluation.Exam]:
    """The sealed questions of every exam; of a generated one all, under a name that says so. The
    floor that needs nobody is told beside the base."""
    file, conditions = setup.place.exam, setup.config.evaluate.conditions
    if not setup.unreviewed:
        asked = (*conditions, evaluation.FLOOR) if floor else conditions
        return list(evaluation.sealed_exams(file, asked))
    limit = REHEARSED_QUESTIONS if setup.place.rehearsal else None
    return [evaluation.Exam.stored(UNREVIEWED, file, conditions, limit)]


def _sitter(setup: Setup, name: str) -> Sitter:
    settings = setup.config.evaluate.models.get(name)
    if isinstance(settings, ImportedAnswers):
        file = setup.place.root / settings.file
        answers = partial(evaluation.ImportedExaminee.load, file)
        return Sitter({"answers": settings.file}, {"answers": file}, (), answers)
    if isinstance(settings, TeacherModel | EndpointModel):
        return _remote(setup, name, settings)
    if isinstance(settings, HuggingFaceStudent):
        root = setup.place.root
        profile = choose_profile(None, settings.model, root).profile
        inputs, after = _made(setup, settings.model)
        identity = settings.model if after else find_student(settings, root).identity
        return Sitter(
            _identity(identity, profile),
            inputs,
            after,
            lambda: _local(setup, find_student(settings, root), profile),
        )
    profile = _profile(setup)
    local = partial(_local, setup, setup.student_of(name), profile)
    identified = _identity(setup.identity, profile)
    if name == "base":
        return Sitter(identified, {}, (), local)
    trained = {"model": setup.place.trained(name)}
    return Sitter(identified, trained, (f"train/{name}",), local)


def _made(setup: Setup, where: str) -> tuple[dict[str, Path], tuple[str, ...]]:
    """The inputs and stages of an examined model that a training of this project makes, whose
    folder is given relative to the project's; what it is can only be told when that is done."""
    folder = (setup.place.root / where).resolve()
    for arm in setup.config.arms:
        if folder.is_relative_to(setup.place.model(arm).parent.resolve()):
            return {"model": setup.place.trained(arm)}, (f"train/{arm}",)
    return {}, ()


def _profile(setup: Setup) -> Profile:
    """Of the student's family."""
    student = setup.config.student
    named = student.model if isinstance(student, HuggingFaceStudent) else ""
    return choose_profile(None, named, setup.place.root).profile


def _identity(student: str, profile: Profile) -> dict[str, Any]:
    return {"student": student, "profile": profile.thinking.model_dump(mode="json")}


def _local(setup: Setup, source: StudentSource, profile: Profile) -> evaluation.Examinee:
    return evaluation.LocalExaminee.load(
        source,
        setup.config.evaluate,
        before=SaidBefore(setup.place.said),
        profile=profile,
    )


def _remote(setup: Setup, name: str, settings: TeacherModel | EndpointModel) -> Sitter:
    root = setup.place.root
    # The teacher's own limit is for generating: here it has the same room as the students.
    teacher = replace(setup.account.roles[TEACHER], max_tokens=None)
    asked, role = setup.config.teacher, teacher
    served_by = settings.weights if isinstance(settings, EndpointModel) else ""
    inputs, after = _made(setup, served_by)
    if isinstance(settings, EndpointModel):
        asked = settings if after else _identified(settings, root)
        role = role_of(asked, f"evaluate.models.{name}", root)

    def account() -> Account:
        served = role
        if isinstance(settings, EndpointModel) and after:
            served = role_of(_identified(settings, root), f"evaluate.models.{name}", root)
        roles = {**setup.account.roles, name: served}
        return Account(roles, setup.place.journal, setup.account.caps)

    known: dict[str, Any] = {}
    identified: dict[str, Any] = {"model": role.model.identity}
    if isinstance(role.model, Endpoint) and isinstance(asked, EndpointTeacher):
        profile = role.model.profile
        stops = profile.thinking.disable is not None
        known = {"context": context_of(asked, profile), "can_stop_thinking": stops}
        kept = {"temperature", "top_p", "thinking", "takes_top_k"}
        identified["sent"] = {**asked.model_dump(include=kept), "max_tokens": role.max_tokens}
    return Sitter(
        identified,
        inputs,
        after,
        lambda: evaluation.RemoteExaminee(account(), name, setup.config.evaluate, **known),
    )


def _identified(settings: EndpointModel, root: Path) -> EndpointModel:
    """With the digest of the weights it serves as its revision, if they are here."""
    if not settings.weights:
        return settings
    identity = StudentSource(str(root / settings.weights)).identity
    return settings.model_copy(update={"revision": identity})


def _unused(examinee: evaluation.Examinee, name: str, emit: Emit) -> Counts:
    """Of imported answers, those that answer no question."""
    if not isinstance(examinee, evaluation.ImportedExaminee) or not examinee.unused:
        return {}
    told = f"{examinee.unused} lines of the file answer no question that was asked"
    emit(Notice(f"evaluate/{name}", told))
    return {"lines_unused": examinee.unused}


def summarise(setup: Setup) -> Stage:
    settings, unreviewed = setup.config.evaluate, setup.unreviewed
    files = {arm: setup.place.responses(arm) for arm in setup.examined}

    def make(out: Path, _: Emit) -> Counts:
        return evaluation.summarise(files, settings, out, unreviewed=unreviewed)

    drawn = {"resamples": settings.resamples, "seed": settings.seed, "unreviewed": unreviewed}
    after = tuple(f"evaluate/{arm}" for arm in setup.examined)
    return Stage("evaluate", 3, drawn, files, make, after)
