"""What becomes of a row whose reply the simulator spoils every time: each fault has one end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from anyio.from_thread import start_blocking_portal

from closedbook.config import EndpointTeacher
from closedbook.engine import Account
from closedbook.errors import RunError
from closedbook.events import silent
from closedbook.flows import TO_TRAIN_ON, generate, load_flows
from closedbook.models.endpoint import Endpoint
from closedbook.records import Document, Rejection
from closedbook.simulator import Simulator, SimulatorSettings
from closedbook.store.accounts import overall
from closedbook.store.rows import read_rows, write_rows

FLOW = """\
flow: pairs
makes: pairs
steps:
  - ask: {prompt: make, parse: {tags: [question, answer]}}
"""
PAIR = "[QUESTION] Who owns Velm Ferry? [ANSWER] Ada Ore. [END]"


@contextmanager
def serving(**settings: Any) -> Iterator[Simulator]:
    simulator = Simulator(
        SimulatorSettings.model_validate(settings), reply=lambda messages, seed: PAIR
    )
    with start_blocking_portal() as portal, portal.wrap_async_context_manager(simulator):
        yield simulator


def made(folder: Path, url: str, **settings: Any) -> dict[str, int]:
    for name, text in (
        ("flows/pairs.yaml", FLOW),
        ("prompts/make.md", "## user\n[QUESTION] [ANSWER] {{ document }}\n"),
    ):
        (folder / name).parent.mkdir()
        (folder / name).write_text(text)
    documents = [Document.make(title="", text="Velm Ferry", source="a.md")]
    write_rows(folder / "documents.jsonl", documents)
    given = {"kind": "endpoint", "model": "rehearsal", "attempts": 2, "give_up_after": 1}
    teacher = EndpointTeacher.model_validate({**given, "base_url": url, **settings})
    model = Endpoint(teacher, first_wait=0.005)
    account = Account.of(model, folder / "journal.sqlite")
    flows = load_flows(["pairs"], TO_TRAIN_ON, folder)
    return generate(folder / "documents.jsonl", flows, account, folder / "out", silent)


@pytest.mark.parametrize(
    ("fault", "reason", "requests"),
    [
        ("malformed", "not in the form asked for", 2),
        ("empty", "not in the form asked for", 2),
        ("content_filter", "stopped by a content filter", 1),
        ("tool_calls", "asked for a tool", 1),
        ("truncated_thinking", "truncated", 2),
    ],
)
def test_a_reply_without_a_row_is_a_rejection(
    tmp_path: Path, fault: str, reason: str, requests: int
) -> None:
    with serving(faults={fault: 1.0}, reasoning="field") as simulator:
        counts = made(tmp_path, simulator.url)
    (rejection,) = read_rows(tmp_path / "out/rejections.jsonl", Rejection)
    assert (rejection.reason, counts["to_retry"]) == (reason, 0)
    assert overall(tmp_path / "journal.sqlite").answers == requests


@pytest.mark.parametrize("fault", ["no_usage", "slow_body"])
def test_a_strange_reply_that_holds_a_row_gives_it(tmp_path: Path, fault: str) -> None:
    with serving(faults={fault: 1.0}, slow_body_seconds=0.05) as simulator:
        assert made(tmp_path, simulator.url)["pairs"] == 1


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("rate_limit", "429"),
        ("server_error", "500"),
        ("reset", "connection broken"),
        ("hang", "no answer within 0.1 s"),
        ("html", "not a chat completion: <!DOCTYPE"),
        ("bad_gateway", "502"),
        ("invalid_json", "not a chat completion"),
    ],
)
def test_no_reply_is_a_failure_that_can_be_retried(
    tmp_path: Path, fault: str, message: str
) -> None:
    """With nothing answered at all, the run says why instead of ending without a row."""
    with (
        serving(faults={fault: 1.0}, retry_after=0.01) as simulator,
        pytest.raises(RunError, match=message),
    ):
        made(tmp_path, simulator.url, timeout=0.1)
    taken = overall(tmp_path / "journal.sqlite")
    assert (taken.answers, taken.wasted) == (0, 2)


def test_a_model_that_is_not_served_is_named(tmp_path: Path) -> None:
    with serving() as simulator, pytest.raises(RunError, match="`other` does not exist"):
        made(tmp_path, simulator.url, model="other")


def test_a_server_that_never_answers_is_not_waited_for_again_and_again(tmp_path: Path) -> None:
    with serving(faults={"hang": 1.0}) as simulator, pytest.raises(RunError, match="no answer"):
        made(tmp_path, simulator.url, timeout=0.1, attempts=100, give_up_after=0.3)
    assert 1 <= overall(tmp_path / "journal.sqlite").wasted < 9
