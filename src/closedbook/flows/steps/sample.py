"""The step `sample`: of the rows that one reply, call or melt gave, keep some, chosen by hash.

It runs within the step before it, which alone knows which rows belong together, so that nothing
waits for anything. The choice depends on the rows' lineage only: the same on every machine.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from closedbook.engine import Ask, Child, Dropped, Row, Step
from closedbook.flows.building import Site
from closedbook.flows.spec import SampleSpec

AFTER = ("ask", "call", "melt")


@dataclass(frozen=True, slots=True)
class SampledStep:
    """A step of whose rows at most `rows` go on."""

    step: Step
    rows: int

    @property
    def name(self) -> str:
        return self.step.name

    @property
    def branches(self) -> int:
        return self.step.branches

    async def run(self, row: Row, branch: int, ask: Ask, /) -> Sequence[Child]:
        children = await self.step.run(row, branch, ask)
        order = sorted(
            (row.child(f"{self.name}/{branch}", index, child).id, index)
            for index, child in enumerate(children)
            if not isinstance(child, Dropped)
        )
        left_out = {index for _, index in order[self.rows :]}
        return [
            _not_sampled(child) if index in left_out else child
            for index, child in enumerate(children)
        ]


def _not_sampled(child: Child) -> Dropped:
    made = {} if isinstance(child, Dropped) else child
    text = "\n".join(f"{name}: {text}" for name, text in made.items() if name.isidentifier())
    return Dropped("not sampled", raw=text)


def build(spec: SampleSpec, site: Site, before: Step | None) -> SampledStep | None:
    """`before` is the step that makes the rows; None if there is none, or it could not be built."""
    if not site.follows(AFTER):
        hint = "it takes a choice of the rows that one reply, call or melt gave"
        site.report(f"sample follows {', '.join(AFTER[:-1])} or {AFTER[-1]} directly", hint=hint)
    return SampledStep(before, spec.rows) if before else None
