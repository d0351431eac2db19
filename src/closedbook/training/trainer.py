"""Training one student on one mixture.

Reads rows, refuses those that cannot be encoded, trains from a base and writes a Hugging Face
folder. Knows nothing of arms, exams or where rows come from. Invariant: the result depends on the
rows, the base and the settings only; a run that was killed continues from its checkpoint to the
same result.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from time import monotonic

import torch
from transformers import PreTrainedTokenizerBase

from closedbook.config import Train
from closedbook.errors import StepError, TrainingError
from closedbook.events import Counts, Emit, StageProgress
from closedbook.records import Rejection, TrainingRow, content_id
from closedbook.store.rows import read_rows, write_rows
from closedbook.students import StudentSource
from closedbook.students.encode import Encoded, encode
from closedbook.students.student import load_student
from closedbook.training.batching import plan_steps
from closedbook.training.checkpoint import Checkpoint
from closedbook.training.loop import Loop, Schedule, StepResult, adamw

STAGE = "train"


def train(rows: Path, base: StudentSource, settings: Train, out: Path, emit: Emit) -> Counts:
    """Train the student `base` on the TrainingRows of the file `rows`.

    Writes `out/model/`, `out/loss.jsonl` (one line per step) and `out/rejections.jsonl`. Raises
    TrainingError if no row can be learned or the loss is no longer a number.
    """
    out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(settings.seed)
    student = load_student(base)
    encoded, rejections = encode_all(
        student.tokenizer, read_rows(rows, TrainingRow), settings.max_length
    )
    write_rows(out / "rejections.jsonl", rejections)
    if not encoded:
        raise TrainingError("no row can be learned", hint=f"see {out / 'rejections.jsonl'}")
    steps = plan_steps(
        [len(row.ids) for row in encoded], settings.batch_tokens, settings.epochs, settings.seed
    )
    warmup = max(1, round(settings.warmup_share * len(steps)))
    loop = Loop(
        student.model,
        adamw(student.model, settings.weight_decay),
        Schedule(settings.learning_rate, warmup, len(steps)),
        int(student.tokenizer.pad_token_id or 0),
    )
    checkpoint = Checkpoint(
        out / "checkpoint.pt", _run_id(encoded, base, settings), settings.save_minutes
    )
    meter = _Meter(f"{STAGE}/{out.name}", emit, len(steps))
    history = _optimise(loop, encoded, steps, checkpoint, meter)
    loop.model.save_pretrained(out / "model")
    student.tokenizer.save_pretrained(out / "model")
    write_rows(out / "loss.jsonl", history)
    checkpoint.remove()
    return {
        "rows": len(encoded),
        "rejected": len(rejections),
        "steps": len(steps),
        "tokens": sum(result.tokens for result in history),
        "loss_tokens": sum(result.loss_tokens for result in history),
        "final_loss": history[-1].loss,
    }


def encode_all(
    tokenizer: PreTrainedTokenizerBase, rows: Iterable[TrainingRow], max_length: int
) -> tuple[list[Encoded], list[Rejection]]:
    """Every row, either encoded or rejected with a reason."""
    encoded: list[Encoded] = []
    rejections: list[Rejection] = []
    for row in rows:
        try:
            encoded.append(encode(tokenizer, row, max_length))
        except StepError as error:
            text = "\n\n".join(message.content for message in row.messages)
            rejections.append(
                Rejection(
                    STAGE, "encode", error.message, row.document_id or row.source, error.hint, text
                )
            )
    return encoded, rejections


def _optimise(
    loop: Loop, rows: list[Encoded], steps: list[list[int]], checkpoint: Checkpoint, meter: _Meter
) -> list[StepResult]:
    history: list[StepResult] = []
    if state := checkpoint.load():
        loop.restore(state["loop"])
        history = [StepResult(**result) for result in state["history"]]
    for result in loop.run(rows, steps):
        history.append(result)
        if not result.loss < float("inf"):
            raise TrainingError(
                f"the loss became {result.loss} at step {result.step}",
                hint="lower train.learning_rate",
            )
        meter.after(result)
        if checkpoint.due() and result.step < len(steps):
            kept = [asdict(earlier) for earlier in history]
            checkpoint.keep({"loop": loop.state(), "history": kept})
    return history


@dataclass(slots=True)
class _Meter:
    """Reports progress about once a second, and at the end."""

    stage: str
    emit: Emit
    total: int
    _since: float = 0.0
    _tokens: int = 0

    def __post_init__(self) -> None:
        self._since = monotonic()

    def after(self, result: StepResult) -> None:
        self._tokens += result.tokens
        elapsed = monotonic() - self._since
        if elapsed < 1 and result.step < self.total:
            return
        speed = self._tokens / max(elapsed, 1e-6)
        note = f"loss {result.loss:.3f}, {speed:,.0f} tokens/s"
        self.emit(StageProgress(self.stage, result.step, self.total, note))
        self._since, self._tokens = monotonic(), 0


def _run_id(rows: list[Encoded], base: StudentSource, settings: Train) -> str:
    """Names the run: equal only for the same rows, base and settings."""
    digest = hashlib.blake2b(digest_size=16)
    for row in rows:
        digest.update(repr((row.ids, row.labels)).encode())
    meant = settings.model_dump(mode="json", exclude={"save_minutes"})
    return content_id("training", digest.hexdigest(), base.identity, meant)
