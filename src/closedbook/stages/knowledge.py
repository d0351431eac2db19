"""The stages that make training data: generate and curate."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from closedbook import curation, flows
from closedbook.stages.asking import asking
from closedbook.stages.setup import Setup
from closedbook.store import Stage, knowledge_files


def generating_flows(setup: Setup) -> list[flows.Flow]:
    """The flows of the config, loaded."""
    names = setup.config.generate.flows
    return flows.load_flows(names, flows.TO_TRAIN_ON, setup.place.root, setup.counted_on)


def generate(setup: Setup) -> Stage:
    place, asked = setup.place, generating_flows(setup)
    given = setup.given
    make = partial(flows.generate, place.documents, asked, setup.account, given=given)
    stage = asking("generate", setup, asked, make)
    named = {name: text for name, text in setup.naming.items() if text}
    examples = setup.examples
    return replace(
        stage,
        settings={
            **stage.settings,
            **({"naming": named} if named else {}),
            **({"icl": setup.config.icl.model_dump()} if examples else {}),
        },
        inputs={**stage.inputs, **({"icl": examples} if examples else {})},
    )


def curate(setup: Setup) -> Stage:
    place, settings = setup.place, setup.config.curate
    plugins = place.root / "filters"
    inputs = {
        "documents": place.documents,
        "exam": place.exam,
        **knowledge_files(place.generated),
        **{f"filters/{file.name}": file for file in plugins.glob("*.py")},
    }
    make = partial(curation.curate, place.documents, place.generated, place.exam, plugins, settings)
    return Stage(
        "curate", 1, settings.model_dump(), inputs, make, ("documents", "exam", "generate")
    )
