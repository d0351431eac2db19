"""The stages that make training data: generate and curate."""

from __future__ import annotations

from collections.abc import Sequence
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
    asked = generating_flows(setup)
    make = partial(flows.generate, setup.place.documents, asked, setup.account, given=setup.given)
    return Stage("generate", 2, *asking(setup, asked, given=True), make, ("documents",))


def curate(setup: Setup) -> Stage:
    place, settings = setup.place, setup.config.curate
    plugins = place.root / "filters"
    inputs = {
        "documents": place.documents,
        "exam": place.exam,
        **knowledge_files(place.generated),
        **{f"filters/{file.name}": file for file in plugins.glob("*.py")},
    }
    if settings.filters:  # a wrong one is told before anything is asked
        curation.own_filters(plugins, settings.filters)
    generated = curation.Generated(place.documents, place.generated, place.exam, plugins)
    meant = settings.model_dump()
    if settings.refill:
        asked = [flow for flow in generating_flows(setup) if flow.makes == "pairs"]
        generated = replace(generated, again=_again(setup, asked))
        also, files = asking(setup, asked, given=True)
        inputs |= files
        meant |= {"asked": also}
    make = partial(curation.curate, generated, settings)
    return Stage("curate", 3, meant, inputs, make, ("documents", "exam", "generate"))


def _again(setup: Setup, asked: Sequence[flows.Flow]) -> curation.Again:
    """Asks the flows once more, as curation wants it."""
    return lambda documents, number, out, emit: flows.generate(
        documents, asked, setup.account, out, emit, given=setup.given, rounds=number
    )
