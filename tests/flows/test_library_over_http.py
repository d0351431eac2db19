"""Every shipped flow over HTTP, of `closedbook simulate`: rows, or reasons why there are none."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest
from anyio.from_thread import start_blocking_portal

from closedbook.config import EndpointTeacher
from closedbook.models.chat import ChatModel
from closedbook.models.teacher import make_teacher
from closedbook.records import Document
from closedbook.simulator import Simulator, SimulatorSettings
from golden_flows import FLOWS, FOLDER, make

BARE = Document.make(title="Numbers", text="1 2 3\n4 5 6\n", source="numbers.txt")
MAKES_OF_NOTHING = {"icl-invented"}
"""Flows that need no facts of a document."""


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    @asynccontextmanager
    async def serving() -> AsyncIterator[str]:
        async with Simulator(SimulatorSettings(reasoning="field")) as simulator:
            yield simulator.url

    with start_blocking_portal() as portal, portal.wrap_async_context_manager(serving()) as url:
        yield url


def teacher(url: str) -> ChatModel:
    """With a profile that can switch thinking on and off."""
    settings = EndpointTeacher(kind="endpoint", base_url=url, model="rehearsal", profile="qwen3")
    return make_teacher(settings, FOLDER)


@pytest.mark.parametrize("flow", FLOWS)
def test_it_makes_over_http_what_it_makes_at_home(flow: str, url: str) -> None:
    made = make(flow, teacher(url))
    assert made.rows
    assert made.as_text() == (FOLDER / f"{flow}.jsonl").read_text(encoding="utf-8")


@pytest.mark.parametrize("flow", FLOWS)
def test_a_document_that_offers_nothing_ends_as_rejections(flow: str, url: str) -> None:
    made = make(flow, teacher(url), BARE)
    assert bool(made.rows) == (flow in MAKES_OF_NOTHING)
    assert made.rejections or made.rows
    for reason in made.rejections:
        step, _, said = reason.partition(": ")
        assert step.startswith(f"{flow}/")
        assert said
