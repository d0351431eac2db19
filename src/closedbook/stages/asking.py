"""What a stage that asks the teacher depends on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from closedbook import flows
from closedbook.stages.setup import Setup


def asking(
    setup: Setup, asked: Sequence[flows.Flow], *, given: bool = False
) -> tuple[dict[str, object], dict[str, Path]]:
    """Settings and inputs, the texts of the flows and prompts among these; with `given` also what
    the project puts into the flows' rows."""
    settings: dict[str, object] = {"models": setup.asked, "flows": [flow.name for flow in asked]}
    inputs = {"documents": setup.place.documents}
    for flow in asked:
        inputs |= {f"{flow.name}: {file.parent.name}/{file.name}": file for file in flow.files}
    if given and (named := {name: text for name, text in setup.naming.items() if text}):
        settings["naming"] = named
    if given and (examples := setup.examples):
        settings["icl"] = setup.config.icl.model_dump()
        inputs["icl"] = examples
    return settings, inputs
