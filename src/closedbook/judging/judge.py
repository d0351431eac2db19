"""The judge within a flow: its steps from the first ask that is shown a question and its answer.

What follows (checks of quotes, filters on verdicts) is part of the judgement.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from closedbook.engine import Lane, Step
from closedbook.errors import UserError
from closedbook.flows import Flow
from closedbook.flows.prompts import undeclared
from closedbook.flows.steps.ask import AskStep


@dataclass(frozen=True, slots=True)
class Judge:
    """`columns` are those that exist where it begins; `asks` names its asks."""

    flow: str
    lane: Lane
    columns: tuple[str, ...]
    asks: frozenset[str]


def judge_of(flows: Sequence[Flow]) -> Judge:
    """The judge of the first of these flows that has one. Raises UserError if none has."""
    for flow in flows:
        for place, step in enumerate(flow.lane.steps):
            if isinstance(step, AskStep) and {"question", "answer"} <= _read_by(step):
                steps = flow.lane.steps[place:]
                asks = frozenset(step.name for step in steps if isinstance(step, AskStep))
                return Judge(
                    flow.name, Lane(flow.name, steps), tuple(_made_before(flow, step)), asks
                )
    names = ", ".join(flow.name for flow in flows)
    hint = "a judge is an ask whose prompt shows {{ question }} and {{ answer }}: --flow NAME"
    raise UserError(f"no judge in {names}", hint=hint)


def _read_by(step: AskStep) -> set[str]:
    return {name for turn in step.prompt.turns for name, _ in undeclared(turn.source)}


def _made_before(flow: Flow, step: Step) -> Iterator[str]:
    for part in flow.parts:
        if f"{flow.name}/{part.name}" == step.name:
            return
        yield from part.makes
