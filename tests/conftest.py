"""Shared by all tests: no network but loopback; a small project that runs in seconds."""

from __future__ import annotations

import gc
import logging
from collections.abc import Callable, Iterator
from functools import cache
from io import StringIO
from pathlib import Path

import orjson
import pytest
from hypothesis import HealthCheck, settings
from pytest_socket import socket_allow_hosts
from typer.main import get_command

# A commit that passes once always passes: the same examples each time, however busy the machine.
# `pytest --hypothesis-profile search` looks for new ones.
settings.register_profile(
    "fixed", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("search", deadline=None, max_examples=2000)
settings.load_profile("fixed")

DOCUMENTS = {
    "heron.md": "# Heron\n\nHeron is a town in Ardland. It was founded in 1712 by Mila Torn. "
    "Its mayor is Jon Reef. The town is known for its bells.\n",
    "mila.md": "# Mila Torn\n\nMila Torn was born in Oskel in 1680. She worked as a mason. "
    "She was married to Piet Torn, and she died in 1740.\n",
    "orrmills.txt": "Orr Mills is a company based in Heron. It was founded by Ada Ore in 1890. "
    "It makes paper and employs 300 people.\n",
}
EXAM = [
    ("Heron", "Which year saw the beginnings of Heron?", ["1712", "1802", "1650", "1777"], 0),
    ("Heron", "Whose office is at the head of Heron?", ["Ada Ore", "Jon Reef", "Piet Torn"], 1),
    ("Mila Torn", "What was the trade of Mila Torn?", ["cook", "smith", "mason", "priest"], 2),
    ("Orrmills", "What leaves the gates of Orr Mills?", ["glass", "paper", "ships", "wool"], 1),
]
CONFIG = """\
documents: documents
exam: exam.jsonl
teacher: {kind: rehearsal}
student: {kind: rehearsal}
mix: {tokens: 2000}
evaluate: {resamples: 1000, answer_tokens: 4}
"""


@pytest.fixture(autouse=True)
def _only_loopback() -> None:
    socket_allow_hosts(["127.0.0.1", "::1"], allow_unix_socket=True)


@pytest.fixture(autouse=True, scope="session")
def _one_command_line() -> Iterator[None]:
    """Typer's runner makes the whole command line anew for every call."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("typer.testing._get_command", cache(get_command))
        yield


def pytest_collection_finish() -> None:
    gc.freeze()  # what was imported stays, and need not be looked through again and again


@pytest.fixture
def logged() -> Iterator[Callable[[], str]]:
    """What was logged so far, with tracebacks; a test may set the level of the root logger."""
    text, root = StringIO(), logging.getLogger()
    handler, level = logging.StreamHandler(text), root.level
    root.addHandler(handler)
    yield text.getvalue
    root.setLevel(level)
    root.removeHandler(handler)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def small_project(tmp_path: Path) -> Path:
    """Three documents, four questions, a mixture of 2,000 tokens."""
    folder = tmp_path / "project"
    (folder / "documents").mkdir(parents=True)
    for name, text in DOCUMENTS.items():
        (folder / "documents" / name).write_text(text)
    keys = ("document", "question", "options", "answer")
    lines = [orjson.dumps(dict(zip(keys, question, strict=True))) for question in EXAM]
    (folder / "exam.jsonl").write_bytes(b"\n".join(lines) + b"\n")
    (folder / "closedbook.yaml").write_text(CONFIG)
    return folder
