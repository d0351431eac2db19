"""How far a training run is: loss, speed and the time that is left, about once a second."""

from __future__ import annotations

from dataclasses import dataclass, field
from time import monotonic

from closedbook.events import Emit, StageProgress
from closedbook.training.loop import StepResult

SMOOTHING = 0.9
"""Share of the earlier mean in the loss that is shown."""


@dataclass(slots=True)
class Meter:
    """Tells of the steps of the stage `stage`, `total` in all."""

    stage: str
    emit: Emit
    total: int
    _told: float = field(default_factory=monotonic)
    _began: float = field(default_factory=monotonic)
    _tokens: int = 0
    _steps: int = 0
    _loss: float | None = None

    def after(self, result: StepResult) -> None:
        """Also tells after the last step, however soon it comes."""
        self._tokens += result.tokens
        self._steps += 1
        earlier = result.loss if self._loss is None else self._loss
        self._loss = SMOOTHING * earlier + (1 - SMOOTHING) * result.loss
        now = monotonic()
        if now - self._told < 1 and result.step < self.total:
            return
        elapsed = max(now - self._began, 1e-6)
        left = (self.total - result.step) * elapsed / self._steps
        note = f"loss {self._loss:.3f}, {self._tokens / elapsed:,.0f} tokens/s"
        note += f", {_span(left)} left" if result.step < self.total else ""
        self.emit(StageProgress(self.stage, result.step, self.total, note))
        self._told = now


def _span(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
