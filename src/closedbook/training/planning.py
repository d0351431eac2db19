"""What a training run does, step by step, decided before the first of them.

Knows rows by their lengths, and ranks by their number. Invariant: which rows share a step depends
on the rows and the settings only, not on the memory or the number of the machines.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from closedbook.config import Train
from closedbook.errors import TrainingError
from closedbook.students.encode import Encoded
from closedbook.training.batching import parts_of, plan_steps
from closedbook.training.rows import EncodedRows

HELD_OUT = 0.02
"""Share of the different rows whose loss chooses the checkpoint, where it does."""
MOST_HELD_OUT = 500
AT_ONCE = 4096
"""Steps of up to so many tokens hold rows of like length: they are mostly computed at once."""


@dataclass(frozen=True, slots=True)
class Plan:
    """`steps` and `held_out` are places in `rows`; after the steps in `candidates` (counted from 1)
    the student is a candidate for the result. Parts hold up to `part_tokens` tokens."""

    rows: EncodedRows
    steps: Sequence[Sequence[int]]
    held_out: Sequence[int]
    candidates: frozenset[int]
    part_tokens: int
    packed: bool

    @classmethod
    def make(cls, rows: EncodedRows, settings: Train, *, packed: bool, ranks: int) -> Plan:
        """Raises TrainingError where nothing is left to learn."""
        held_out = _held_out(rows, settings.seed) if settings.checkpoint == "loss" else []
        apart = set(held_out)
        taken = [place for place in range(len(rows)) if place not in apart]
        if not taken:
            raise TrainingError("no row can be learned", hint="the mixture is empty")
        drawn = plan_steps(
            [rows.lengths[place] for place in taken],
            settings.batch_tokens,
            settings.epochs,
            settings.seed,
            alike=settings.batch_tokens <= AT_ONCE,
        )
        steps = [[taken[place] for place in step] for step in drawn]
        share = -(-settings.batch_tokens // ranks)
        return cls(
            rows,
            steps,
            held_out,
            _candidates(len(steps), settings),
            min(settings.micro_tokens or settings.batch_tokens, share),
            packed,
        )

    def parts(self, step: int) -> list[list[Encoded]]:
        """The parts of the 0-based `step`."""
        return self._parted(self.steps[step])

    def held_out_parts(self) -> list[list[Encoded]]:
        return self._parted(self.held_out)

    def _parted(self, places: Sequence[int]) -> list[list[Encoded]]:
        lengths = self.rows.lengths
        parts = parts_of(places, lengths, self.part_tokens, packed=self.packed)
        return [[self.rows[place] for place in part] for part in parts]


def _held_out(rows: EncodedRows, seed: int) -> list[int]:
    """Every copy of a few different rows."""
    copies: dict[tuple[int, ...], list[int]] = {}
    for place, row in enumerate(rows):
        copies.setdefault(tuple(row.ids), []).append(place)
    count = min(MOST_HELD_OUT, max(1, round(HELD_OUT * len(copies))))
    drawn = Random(f"held out/{seed}").sample(list(copies.values()), count)
    return sorted(place for places in drawn for place in places)


def _candidates(steps: int, settings: Train) -> frozenset[int]:
    if settings.checkpoint == "last":
        return frozenset()
    count = min(settings.candidates, steps)
    return frozenset(round(steps * (place + 1) / count) for place in range(count))
