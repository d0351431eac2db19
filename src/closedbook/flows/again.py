"""A flow asked once more: the same prompts, with sample numbers that no earlier round had.

What is asked is then filed apart in the journal, and a prompt that tells samples apart goes on
counting.
"""

from __future__ import annotations

from dataclasses import replace

from closedbook.engine import Lane, Step
from closedbook.flows.loading import Flow
from closedbook.flows.steps.ask import AskStep
from closedbook.flows.steps.sample import SampledStep


def asked_again(flow: Flow, rounds: int) -> Flow:
    """The flow after so many rounds."""
    steps = tuple(_again(step, rounds) for step in flow.lane.steps)
    return replace(flow, lane=Lane(flow.lane.name, steps))


def _again(step: Step, rounds: int) -> Step:
    if isinstance(step, SampledStep):
        return replace(step, step=_again(step.step, rounds))
    if isinstance(step, AskStep):
        return replace(step, first=rounds * step.spec.samples)
    return step
