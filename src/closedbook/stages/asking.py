"""What a stage that asks the teacher depends on."""

from __future__ import annotations

from collections.abc import Sequence

from closedbook import flows
from closedbook.stages.setup import Setup
from closedbook.store import Make, Stage


def asking(name: str, setup: Setup, asked: Sequence[flows.Flow], make: Make) -> Stage:
    """A stage that asks the teacher; the texts of its flows and prompts count as inputs."""
    settings = {"models": setup.asked, "flows": [flow.name for flow in asked]}
    files = {
        f"{flow.name}: {file.parent.name}/{file.name}": file
        for flow in asked
        for file in flow.files
    }
    inputs = {"documents": setup.place.documents, **files}
    return Stage(name, 2, settings, inputs, make, ("documents",))
