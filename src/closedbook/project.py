"""A project folder and everything one can do with it; the command line only calls this.

    Project.open("my-project").run(until="evaluate").summary

One process writes at a time: `run` and `rehearse` hold the project's lock.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any, Self

from closedbook import evaluation
from closedbook.config import FILE_NAME, Config, load_config
from closedbook.creating import create_project
from closedbook.curation import below_target
from closedbook.errors import UserError
from closedbook.events import Emit, silent
from closedbook.flows import TO_SHOW, load_flow, load_flows
from closedbook.flows.stage import RETRY, FlowStage
from closedbook.flows.trying import StepSeen, try_flow
from closedbook.forecast import Forecast, forecast
from closedbook.hints import command
from closedbook.icl import MadeExamples, make_examples, refuse_to_overwrite
from closedbook.judging import JudgeCheck, Source, check_judge, judge_of, sound_pairs
from closedbook.pipeline import stages_of
from closedbook.records import Document, Rejection, Summary
from closedbook.rehearsing import REHEARSALS, rehearsed
from closedbook.stages import Setup, generating_flows, searcher
from closedbook.stages.ranks import brought_up_to_date
from closedbook.store import (
    Manifest,
    Place,
    Stage,
    is_locked,
    locked,
    read_manifest,
    read_rows,
    read_summary,
    rows_if_any,
    why_stale,
)
from closedbook.training import launched


@dataclass(frozen=True, slots=True)
class Planned:
    """A stage that a run would do, why, and how many seconds it took last time (None: never)."""

    stage: str
    why: str
    seconds: float | None


@dataclass(frozen=True, slots=True)
class StageStatus:
    """One stage as it stands: its manifest (None if not complete), what makes it stale ("" if
    nothing), its rejections counted by reason, and what else its owner should know."""

    stage: str
    manifest: Manifest | None
    stale: str
    rejections: Mapping[str, int]
    remark: str = ""


@dataclass(frozen=True, slots=True)
class RunResult:
    """What a run left. `done` names the stages that were done this time; `summary` and `report`
    are None if the run stopped before them."""

    done: tuple[str, ...]
    manifests: Mapping[str, Manifest]
    summary: Summary | None
    report: Path | None


class Project:
    """One project folder with its validated config."""

    def __init__(self, config: Config, place: Place, notes: Sequence[str] = ()) -> None:
        self.config = config
        self.place = place
        self.notes = notes
        """What a rehearsal leaves out of the project."""
        self._setup = Setup.of(config, place)
        self.unreviewed = self._setup.unreviewed
        """Why nobody can say what is right in the exam, and the way on; "" if a person can."""

    @classmethod
    def open(cls, folder: Path | str = ".", overrides: Sequence[str] = ()) -> Self:
        """Read `folder`/closedbook.yaml; `overrides` are "path.to.key=value".

        Raises ConfigError with file:line for the first problem.
        """
        root = Path(folder)
        config = load_config(root / FILE_NAME, overrides)
        return cls(config, Place.of(root, rehearsed=config.teacher.kind == "rehearsal"))

    @classmethod
    def open_rehearsal(cls, folder: Path, overrides: Sequence[str] = ()) -> Self:
        """The same project with the built-in stand-ins, in folders of its own: a check of the
        plumbing, whose results hold no accuracy. It needs no key and no network.

        For a plain folder of documents, a project is made beside it.
        """
        if not (folder / FILE_NAME).exists() and folder.is_dir():
            documents = folder.resolve()
            folder = documents.with_name(f"{documents.name}-closedbook")
            if not (folder / FILE_NAME).exists():
                create_project(folder, documents)
        config, notes = rehearsed(folder, overrides)
        place = Place.of(folder, rehearsed=True)
        return cls(config, replace(place, out=place.out / REHEARSALS, rehearsal=True), notes)

    def plan(self, until: str | None = None, *, retry: bool = False) -> tuple[Planned, ...]:
        """What `run` would do, and why, without doing it."""
        planned: dict[str, Planned] = {}
        for stage in self._chosen(until):
            folder = self.place.out / stage.name
            upstream = [name for name in stage.after if name in planned]
            why = why_stale(stage, folder, retry=retry) or (
                f"may change with {upstream[0]}" if upstream else ""
            )
            if why:
                manifest = read_manifest(folder)
                seconds = manifest.seconds if manifest else None
                planned[stage.name] = Planned(stage.name, why, seconds)
        return tuple(planned.values())

    def run(
        self, until: str | None = None, emit: Emit = silent, *, retry: bool = False
    ) -> RunResult:
        """Bring every stage (or those `until` needs, itself included) up to date; with `retry`
        ask again for what the endpoint gave no answer to. Under torchrun only a training is done.

        Raises ProjectBusy if another process runs this project, and the errors of the stages.
        """
        done = []
        manifests = {}
        with locked(self.place.root) if launched.rank() == 0 else nullcontext():
            for stage in self._chosen(until):
                folder = self.place.out / stage.name
                before = read_manifest(folder)
                manifests[stage.name] = brought_up_to_date(stage, folder, emit, retry=retry)
                if manifests[stage.name] != before:
                    done.append(stage.name)
        return RunResult(
            tuple(done),
            manifests,
            read_summary(self.place.summary) if "evaluate" in manifests else None,
            self.place.report if "report" in manifests else None,
        )

    def forecast(
        self, documents: int | None = None, seed: int = 0, emit: Emit = silent
    ) -> Forecast:
        """What generating will take, from a pilot on so many random documents (None: a tenth, from
        5 to 20), whose answers are bought and kept. Of those finished where the budget `stopped`
        it; raises BudgetExhausted if there are none."""
        self.run("documents", emit)
        with locked(self.place.root):
            setup = self._setup
            stage = FlowStage("forecast", generating_flows(setup), setup.account, setup.given)
            return forecast(setup, stage, documents, seed, emit)

    def try_flow(self, name: str, documents: int = 2, emit: Emit = silent) -> list[StepSeen]:
        """All that a flow asks and makes of the first documents; answers are bought and kept."""
        self.run("documents", emit)
        with locked(self.place.root):
            flow = load_flow(name, self.place.root, self._setup.counted_on)
            first = list(islice(read_rows(self.place.documents, Document), documents))
            return try_flow(flow, first, self._setup.account, emit, self._setup.given)

    def make_examples(
        self, flow: str = "icl", wanted: int = 3, seed: int = 0, emit: Emit = silent
    ) -> MadeExamples:
        """Write in-context examples made from a few documents; answers are bought and kept.

        Raises UserError where the file of examples is there already.
        """
        file = self.place.root / self.config.icl.file
        refuse_to_overwrite(file)
        (made_by,) = load_flows([flow], TO_SHOW, self.place.root, self._setup.counted_on)
        self.run("documents", emit)
        with locked(self.place.root):
            documents = list(read_rows(self.place.documents, Document))
            account = self._setup.account
            return make_examples(documents, made_by, account, file, emit, wanted=wanted, seed=seed)

    def check_judge(
        self,
        flow: str = "",
        pairs: int = 50,
        source: Source | None = None,
        seed: int = 0,
        emit: Emit = silent,
    ) -> JudgeCheck:
        """How many pairs that are spoiled on purpose the judge of a flow (default: the first of the
        project's that has one) rejects; answers are bought and kept. The pairs are generated ones
        where there are any, else (or as `source` says) sentences of the documents."""
        names = [flow] if flow else self.config.generate.flows
        judge = judge_of([load_flow(n, self.place.root, self._setup.counted_on) for n in names])
        self.run("documents", emit)
        with locked(self.place.root):
            documents = {d.id: d for d in read_rows(self.place.documents, Document)}
            drawn = sound_pairs(self.place.generated, documents, source, pairs, seed)
            setup = self._setup
            return check_judge(
                judge, drawn, documents, setup.account, emit, given=setup.given, seed=seed
            )

    def check_grading(self, grades: Path) -> evaluation.Agreement:
        """How far `evaluate.judge` agrees with a person's grades of short answers, a JSON object
        per line; answers are bought and kept. Raises UserError if there is no such judge."""
        role = self._setup.config.evaluate.judge
        if role is None:
            hint = "set evaluate.judge in closedbook.yaml, or add --set evaluate.judge=teacher"
            raise UserError("no judge of short answers is configured", hint=hint)
        with locked(self.place.root):
            judge = evaluation.Judge(self._setup.account, role)
            return evaluation.measure_agreement(grades, judge)

    def status(self) -> tuple[StageStatus, ...]:
        """Every stage as it stands; reads only."""
        return tuple(_standing(stage, self.place.out / stage.name) for stage in self._chosen(None))

    @property
    def is_running(self) -> bool:
        """Whether some process runs this project now; untold where its lock cannot be tried."""
        return is_locked(self.place.root)

    @property
    def rehearsal(self) -> Path:
        """Where rehearsals of this project are."""
        return self.place.root / "out" / REHEARSALS

    def ask(self, question: str) -> tuple[evaluation.FreeAnswer, ...]:
        """What base and every trained arm answer freely, closed book and with what is found.

        Raises UserError if nothing has been trained yet.
        """
        out, settings = self.place.out, self.config.evaluate
        trained = [arm for arm in self.config.arms if read_manifest(out / "train" / arm)]
        if not trained:
            raise UserError("no student has been trained yet", hint=f"run: {command('run train')}")
        writers = (
            (arm, evaluation.LocalExaminee.load(self._setup.student_of(arm), settings))
            for arm in ("base", *trained)
        )
        with locked(self.place.root):
            found = evaluation.find_passages(question, self.place.documents, searcher(self._setup))
        return tuple(evaluation.consult(question, writers, found, settings.retrieval))

    def _chosen(self, until: str | None) -> list[Stage]:
        """The stages that `until` (a stage, or all arms of one) needs, in order."""
        every = list(stages_of(self._setup))
        if until is None:
            return every
        wanted = {s.name for s in every if until in (s.name, s.name.partition("/")[0])}
        if not wanted:
            known = dict.fromkeys(s.name.partition("/")[0] for s in every)
            raise UserError(f"no stage {until!r}", hint=f"stages: {', '.join(known)}")
        for stage in reversed(every):
            if stage.name in wanted:
                wanted.update(stage.after)
        return [stage for stage in every if stage.name in wanted]


def _standing(stage: Stage, folder: Path) -> StageStatus:
    rejections = rows_if_any(folder / "rejections.jsonl", Rejection)
    reasons = Counter(row.reason for row in rejections)
    remark = below_target(folder) if stage.name == "curate" else _to_retry(folder)
    return StageStatus(stage.name, read_manifest(folder), why_stale(stage, folder), reasons, remark)


def _to_retry(folder: Path) -> str:
    """Why most of the rows are to be asked again that got no answer; "" if there are none."""
    told = Counter(row["message"] for row in rows_if_any(folder / RETRY, dict[str, Any]))
    return f"to retry, most of them for: {told.most_common(1)[0][0]}" if told else ""
