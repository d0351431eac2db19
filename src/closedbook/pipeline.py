"""The whole path, from documents to report: read this first.

Each stage is a name, a version, the settings and files it depends on, and a call into its room.
Stages meet only through files below `out/`; what a stage reads decides when it is done again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from closedbook import evaluation, mixing, reporting, training
from closedbook.config import Arm, Config
from closedbook.curation import curate
from closedbook.documents import read_documents
from closedbook.evaluation import Exam, copy_exam
from closedbook.events import Counts, Emit
from closedbook.flows import TO_EXAMINE, TO_TRAIN_ON, Flow, generate, generate_exam, load_flows
from closedbook.mixing import Ingredients
from closedbook.models import make_teacher
from closedbook.records import Question
from closedbook.store import Make, Stage, read_rows
from closedbook.students import REPLAY, RETENTION, UNREPLAYED, StudentSource, find_student

REHEARSED_QUESTIONS = 100


@dataclass(frozen=True, slots=True)
class Place:
    """Where a run reads and writes. `rehearsal` marks a check of the plumbing: no accuracy."""

    root: Path
    out: Path
    journal: Path
    rehearsal: bool = False


class Pipeline:
    """The stages of one config at one place, each after those whose files it reads."""

    def __init__(self, config: Config, place: Place) -> None:
        self.config, self.root, self.out, self.journal = (
            config,
            place.root,
            place.out,
            place.journal,
        )
        self.rehearsal = place.rehearsal
        self.reviewed = config.exam is not None and not place.rehearsal
        self.teacher = make_teacher(config.teacher)
        self.student = find_student(config.student, place.root)
        self.identity = self.student.identity
        self.texts = self.out / "documents" / "documents.jsonl"
        self.questions = self.out / "exam" / "exam.jsonl"
        self.examined = ("base", *config.arms)

    def stages(self) -> Iterator[Stage]:
        yield self.documents()
        yield self.exam()
        yield self.generate()
        yield self.curate()
        yield from (self.mix(name, arm) for name, arm in self.config.arms.items())
        yield from (self.train(name, arm) for name, arm in self.config.arms.items())
        yield from (self.answer(name) for name in self.examined)
        yield self.summarise()
        yield self.report()

    def student_of(self, arm: str) -> StudentSource:
        """Base, or the model that training leaves for an arm."""
        if arm == "base":
            return self.student
        return StudentSource(str(self.out / "train" / arm / "model"))

    def documents(self) -> Stage:
        folder = self.root / self.config.documents
        make = partial(read_documents, folder)
        return Stage("documents", 1, None, {"documents": folder}, make)

    def exam(self) -> Stage:
        if self.config.exam is None:
            make = partial(generate_exam, self.texts, self.root, self.teacher, self.journal)
            return self._asking("exam", load_flows(("exam",), TO_EXAMINE, self.root), make)
        file = self.root / self.config.exam
        return Stage("exam", 1, None, {"exam": file}, partial(copy_exam, file))

    def generate(self) -> Stage:
        names = self.config.generate.flows
        make = partial(generate, self.texts, names, self.root, self.teacher, self.journal)
        return self._asking("generate", load_flows(names, TO_TRAIN_ON, self.root), make)

    def curate(self) -> Stage:
        made, settings = self.out / "generate", self.config.curate
        inputs = {"documents": self.texts, "exam": self.questions, **_rows(made)}
        plugins = self.root / "filters"
        inputs |= {f"filters/{file.name}": file for file in plugins.glob("*.py")}
        make = partial(curate, self.texts, made, self.questions, plugins, settings)
        after = ("documents", "exam", "generate")
        return Stage("curate", 1, settings.model_dump(), inputs, make, after)

    def mix(self, name: str, arm: Arm) -> Stage:
        curated = self.out / "curate"
        replay = {"builtin": REPLAY, "none": None}.get(arm.mix.replay, self.root / arm.mix.replay)
        ingredients = Ingredients(
            documents=self.texts,
            curated=curated,
            replay=replay,
            student=self.student,
            max_length=arm.train.max_length,
            passage_characters=self.config.evaluate.passage_characters,
        )
        settings = arm.mix.model_dump() | {
            "student": self.identity,
            "max_length": ingredients.max_length,
            "passage_characters": ingredients.passage_characters,
        }
        inputs = {
            "documents": self.texts,
            **_rows(curated),
            **({"replay": replay} if replay else {}),
        }
        return Stage(
            f"mix/{name}",
            1,
            settings,
            inputs,
            lambda out, emit: mixing.mix(ingredients, arm.mix, out, emit),
            ("documents", "curate"),
        )

    def train(self, name: str, arm: Arm) -> Stage:
        rows = self.out / "mix" / name / "rows.jsonl"
        settings = arm.train.model_dump(exclude={"save_minutes"})
        return Stage(
            f"train/{name}",
            1,
            {**settings, "student": self.identity},
            {"rows": rows},
            lambda out, emit: training.train(rows, self.student, arm.train, out, emit),
            (f"mix/{name}",),
        )

    def answer(self, name: str) -> Stage:
        """One arm sits the exam; a rehearsal student also the retention exam, closed book."""
        settings, student = self.config.evaluate, self.student_of(name)
        inputs = {"documents": self.texts, "exam": self.questions}
        inputs |= self._retention
        trained = name in self.config.arms

        def make(out: Path, emit: Emit) -> Counts:
            examinee = evaluation.LocalExaminee.load(student, settings.answer_tokens)
            return evaluation.answer_exams(
                self._exams(), name, examinee, self.texts, settings, out, emit
            )

        return Stage(
            f"evaluate/{name}",
            1,
            settings.model_dump(exclude={"resamples", "seed"})
            | {"student": self.identity, "reviewed": self.reviewed},
            {**inputs, "model": Path(student.where)} if trained else inputs,
            make,
            ("documents", "exam", *([f"train/{name}"] if trained else [])),
        )

    def summarise(self) -> Stage:
        settings = self.config.evaluate
        stages = {name: f"evaluate/{name}" for name in self.examined}
        files = {name: self.out / stage / "responses.jsonl" for name, stage in stages.items()}
        return Stage(
            "evaluate",
            1,
            {"resamples": settings.resamples, "seed": settings.seed, "reviewed": self.reviewed},
            files,
            lambda out, _: evaluation.summarise(files, settings, out, reviewed=self.reviewed),
            tuple(stages.values()),
        )

    def report(self) -> Stage:
        before = (
            *("documents", "exam", "generate", "curate"),
            *(f"{stage}/{arm}" for stage in ("mix", "train") for arm in self.config.arms),
            *(f"evaluate/{arm}" for arm in self.examined),
            "evaluate",
        )
        kinds = {"teacher": self.config.teacher.kind, "student": self.config.student.kind}
        identities = {"teacher": self.teacher.identity, "student": self.identity}

        def make(out: Path, _: Emit) -> Counts:
            page = reporting.gather(
                self.out,
                before,
                title=self.root.resolve().name,
                identities=identities,
                limits=reporting.limits(kinds["student"], reviewed=self.reviewed),
                banner=reporting.banner(**kinds),
            )
            reporting.write_report(page, self.out / "report.html")
            reporting.write_plot(self.out / "evaluate" / "summary.json", out / "plot.svg")
            return {}

        manifests = {stage: self.out / stage / "manifest.json" for stage in before}
        settings = {**kinds, **identities, "reviewed": self.reviewed}
        beside = ("../report.html",)
        return Stage("report", 1, settings, manifests, make, before, beside)

    def _asking(self, name: str, flows: Sequence[Flow], make: Make) -> Stage:
        """A stage that asks the teacher; the texts of its flows and prompts count as inputs."""
        settings = {"teacher": self.teacher.identity, "flows": [flow.name for flow in flows]}
        files = {f"{flow.name}: {file.name}": file for flow in flows for file in flow.files}
        return Stage(name, 1, settings, {"documents": self.texts, **files}, make, ("documents",))

    @property
    def _retention(self) -> dict[str, Path]:
        """Questions about what a student knew before; only the built-in one comes with them."""
        if self.config.student.kind != "rehearsal" or not self.reviewed:
            return {}
        return {"retention": RETENTION, "unreplayed": UNREPLAYED}

    def _exams(self) -> tuple[Exam, ...]:
        own = tuple(read_rows(self.questions, Question))
        own = own[:REHEARSED_QUESTIONS] if self.rehearsal else own
        exams = [
            Exam("exam" if self.reviewed else "unreviewed", own, self.config.evaluate.conditions)
        ]
        for name, file in self._retention.items():
            exams.append(Exam(name, tuple(read_rows(file, Question)), ("closed_book",)))
        return tuple(exams)


def _rows(folder: Path) -> dict[str, Path]:
    return {name: folder / f"{name}.jsonl" for name in ("pairs", "study")}
