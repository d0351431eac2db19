"""Flows: what is asked of a teacher, written in YAML and Markdown, and the stage that runs them.

Flows know prompts and the form of replies; they leave scheduling and storage to the engine.
"""

import closedbook.flows.library.steps  # noqa: F401  (makes their functions known)
from closedbook.flows.building import Given
from closedbook.flows.exam import generate_exam
from closedbook.flows.generate import generate
from closedbook.flows.loading import (
    Flow,
    check_flow,
    examine_flow,
    examine_flows,
    load_flow,
    load_flows,
)
from closedbook.flows.places import all_flows
from closedbook.flows.spec import TO_EXAMINE, TO_SHOW, TO_TRAIN_ON

__all__ = [
    "TO_EXAMINE",
    "TO_SHOW",
    "TO_TRAIN_ON",
    "Flow",
    "Given",
    "all_flows",
    "check_flow",
    "examine_flow",
    "examine_flows",
    "generate",
    "generate_exam",
    "load_flow",
    "load_flows",
]
