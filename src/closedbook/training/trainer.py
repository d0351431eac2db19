"""Training one student on one mixture.

Reads encoded rows, trains from a base and writes a Hugging Face folder, alone or as one of many
ranks, of which only the first writes and tells. Knows nothing of arms, exams or where rows come
from. Invariant: the result depends on the rows, the base and the settings only; a run that was
killed continues from its checkpoint to the same result.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import torch

from closedbook.config import Train
from closedbook.errors import TrainingError
from closedbook.events import Counts, Emit, Notice, silent
from closedbook.records import content_id
from closedbook.store.rows import read_json, write_json, write_rows
from closedbook.students import StudentSource
from closedbook.students.encode import encoding_id
from closedbook.students.student import Student, load_student
from closedbook.training.adapting import with_adapters
from closedbook.training.checkpoint import Checkpoint
from closedbook.training.choosing import Choice, Judge, Scoring
from closedbook.training.loop import Loop, Schedule, StepResult, adamw
from closedbook.training.metering import Meter
from closedbook.training.model_card import Provenance
from closedbook.training.packing import keeps_apart, use_packed_attention
from closedbook.training.planning import Plan
from closedbook.training.ranks import Ranks, joined
from closedbook.training.rows import load_rows
from closedbook.training.saving import save_student, trained
from closedbook.training.tracking import Trackers

STAGE = "train"


def train(
    rows: Path,
    base: StudentSource,
    settings: Train,
    out: Path,
    emit: Emit,
    judge: Judge | None = None,
) -> Counts:
    """Train the student `base` on `rows`: a folder of encoded rows, or a file of TrainingRows.

    Writes `out/model/`, `out/student.json` (its identity), `out/loss.jsonl` (one line per step)
    and, where it encoded rows itself, `out/rejections.jsonl`. With `checkpoint: exam` the `judge`
    chooses among the candidates. Raises TrainingError if no row can be learned, the loss is no
    longer a number, or memory or disk are full; what is done stays in the checkpoint.
    """
    with joined() as ranks, _told_if_memory_is_out(base):
        run = _Run(rows, base, settings, out, emit if ranks.first else silent, ranks)
        run.optimise(Scoring(base, settings, judge))
        return run.finish(_sources(rows))


class _Run:
    """A training run of this process, from its rows to its result; made, it has decided everything
    that is decided before the first step."""

    def __init__(
        self,
        rows: Path,
        base: StudentSource,
        settings: Train,
        out: Path,
        emit: Emit,
        ranks: Ranks,
    ) -> None:
        self.base, self.settings, self.out, self.emit, self.ranks = base, settings, out, emit, ranks
        torch.manual_seed(settings.seed)
        student = load_student(base)
        self.data, rejections = load_rows(rows, student.tokenizer, settings.max_length)
        self.rejected = len(rejections)
        if ranks.first:
            out.mkdir(parents=True, exist_ok=True)
            if not rows.is_dir():
                write_rows(out / "rejections.jsonl", rejections)
        if not len(self.data):
            hint = f"see {out / 'rejections.jsonl'}" if rejections else f"{rows} holds none"
            raise TrainingError("no row can be learned", hint=hint)
        packed = _packed(student, settings, ranks, partial(_notice, emit, out))
        self.plan = Plan.make(self.data, settings, packed=packed, ranks=ranks.size)
        self.encoding = encoding_id(student.tokenizer)
        self.loop = _loop(student, settings, len(self.plan.steps), ranks, packed=packed)
        run_id = _run_id(self.data.digest, base, settings, packed=packed)
        self.checkpoint = Checkpoint(out / "checkpoint.pt", run_id, settings.save_minutes)
        self.choice = Choice(out / "best.pt", {})
        self.history: list[StepResult] = []

    def optimise(self, scoring: Scoring) -> None:
        """Take all steps that are left, keeping the state now and then."""
        self._resume()
        meter = Meter(f"{STAGE}/{self.out.name}", self.emit, len(self.plan.steps))
        trackers = self._trackers()
        try:
            self._consider(self.loop.step, scoring)
            while self.loop.step < len(self.plan.steps):
                result = self.loop.take(self.plan.parts(self.loop.step))
                self.history.append(result)
                meter.after(result)
                trackers.log(_tracked(result), result.step)
                self._after(result.step, scoring)
        except (MemoryError, RuntimeError, KeyboardInterrupt) as error:
            self._rescue(error)
            raise
        finally:
            trackers.finish()

    def _after(self, step: int, scoring: Scoring) -> None:
        """Score a candidate; keep the state if it is time."""
        considered = self._consider(step, scoring)
        # The first rank's clock decides for all, since all must take part.
        due = self.ranks.total(float(self.ranks.first and self.checkpoint.due())) > 0
        if (due or considered) and step < len(self.plan.steps):
            self._keep()

    def _consider(self, step: int, scoring: Scoring) -> bool:
        """Score a candidate that has no score yet; whether it was one."""
        considered = step in self.plan.candidates and step not in self.choice.scores
        if considered:
            score, weights = scoring.score(self.loop, self.plan, self.ranks)
            self.choice.consider(step, score, weights, keep=self.ranks.first)
            said = score if self.settings.checkpoint == "exam" else -score
            _notice(
                self.emit, self.out, f"after step {step}: {self.settings.checkpoint} {said:.4f}"
            )
        return considered

    def _keep(self) -> None:
        state = self.loop.state()
        if self.ranks.first:
            self.checkpoint.keep(
                {
                    "loop": state,
                    "history": [asdict(earlier) for earlier in self.history],
                    "scores": self.choice.scores,
                    "random": torch.get_rng_state(),
                }
            )

    def _resume(self) -> None:
        state = self.checkpoint.load()
        if state is None:
            return
        self.loop.restore(state["loop"])
        self.history = [StepResult(**result) for result in state["history"]]
        self.choice.scores.update(state["scores"])
        torch.set_rng_state(state["random"])
        _notice(self.emit, self.out, f"goes on after step {self.loop.step}")

    def _rescue(self, error: BaseException) -> None:
        """Keep what is done when memory is out or the user stops; say so in one line. A rank among
        others cannot: the rest would wait for it."""
        full = _memory_is_out(error)
        if not full and not isinstance(error, KeyboardInterrupt):
            return
        whole = self.loop.whole and self.loop.step == len(self.history)
        if kept := bool(whole and self.loop.step and not self.ranks.together):
            self._keep()
        left = "what is done is kept" if kept else "it goes on from the last checkpoint"
        if full:
            raise TrainingError(
                f"out of memory at step {self.loop.step + 1}",
                hint=f"lower train.micro_tokens (now {self.plan.part_tokens}), or set "
                f"train.gradient_checkpointing: true; {left}",
            ) from error

    def _trackers(self) -> Trackers:
        names = self.settings.report_to if self.ranks.first else ()
        recorded = self.settings.model_dump(mode="json")
        return Trackers(names, self.out.name, self.out / "trackers", recorded)

    def finish(self, sources: Mapping[str, Mapping[str, Any]]) -> Counts:
        """Write the result; the other ranks wait."""
        counts: dict[str, int | float] = {
            "rows": len(self.data),
            "rejected": self.rejected,
            "steps": len(self.history),
            "tokens": sum(result.tokens for result in self.history),
            "loss_tokens": sum(result.loss_tokens for result in self.history),
            "final_loss": self.history[-1].loss,
        }
        if self.choice.step:
            counts["chosen_step"] = self.choice.step
        state = None if self.choice.step else self.loop.state()["model"]
        if self.ranks.first:
            weights = self.choice.weights() if state is None else state
            provenance = Provenance(
                self.base,
                self.data.digest,
                self.encoding,
                self.settings.of_the_result(),
                counts,
                sources,
            )
            student = trained(self.base, self.settings, weights)
            save_student(student, provenance, self.out)
            write_rows(self.out / "loss.jsonl", self.history)
            if self.choice.step:
                scores = {str(step): score for step, score in self.choice.scores.items()}
                write_json(self.out / "candidates.json", scores)
                self.choice.path.unlink()
            self.checkpoint.remove()
        self.ranks.wait()
        return counts


def _packed(student: Student, settings: Train, ranks: Ranks, tell: Any) -> bool:
    """Whether rows are packed; if they are, the model's attention is ours now."""
    wanted = settings.layout == "packed"
    if settings.layout == "padded" or (not wanted and ranks.device.type != "cuda"):
        return False
    student.model.to(ranks.device)  # type: ignore[arg-type]
    before = use_packed_attention(student.model)
    with ranks.computing():
        apart = keeps_apart(student.model, ranks.device)
    if apart:
        return True
    if wanted:
        raise TrainingError(
            "packed rows of this model would see each other", hint="set train.layout: padded"
        )
    student.model.set_attn_implementation(before)
    tell("packed rows of this model would see each other: rows are padded instead")
    return False


def _loop(student: Student, settings: Train, steps: int, ranks: Ranks, *, packed: bool) -> Loop:
    if settings.gradient_checkpointing:
        student.model.activation_checkpointing_enable({"use_reentrant": False})
    model = with_adapters(student.model, settings.lora)
    return Loop(
        model,
        partial(adamw, weight_decay=settings.weight_decay),
        Schedule(settings.learning_rate, max(1, round(settings.warmup_share * steps)), steps),
        int(student.tokenizer.pad_token_id or 0),
        ranks,
        packed=packed,
    )


def _run_id(rows: str, base: StudentSource, settings: Train, *, packed: bool) -> str:
    """Names the run: equal only for the same rows, base and settings that matter."""
    return content_id("training", rows, base.identity, settings.of_the_result(), packed)


def _sources(rows: Path) -> Mapping[str, Mapping[str, Any]]:
    """What `mix` counted beside its rows, if it made them."""
    return read_json(rows.parent / "table.json") or {}


def _tracked(result: StepResult) -> dict[str, float]:
    return {name: float(value) for name, value in asdict(result).items() if name != "step"}


def _memory_is_out(error: BaseException) -> bool:
    """torch has an error of its own for the GPU's memory, and a plain one for the CPU's."""
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    return isinstance(error, RuntimeError) and "can't allocate memory" in str(error)


@contextmanager
def _told_if_memory_is_out(base: StudentSource) -> Iterator[None]:
    """Where there is no room even for the student, apart from any step."""
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        if not _memory_is_out(error):
            raise
        raise TrainingError(
            f"out of memory: there is no room for the student {base.where!r}",
            hint="train on more GPUs (closedbook train --print-command), with train.lora, or take "
            "a smaller student",
        ) from error


def _notice(emit: Emit, out: Path, text: str) -> None:
    emit(Notice(f"{STAGE}/{out.name}", text))
