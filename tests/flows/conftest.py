"""A folder to write flows into and run them; a blocking call inside the event loop fails a test."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from blockbuster import blockbuster_ctx

from closedbook.engine import Account, Yield
from closedbook.events import silent
from closedbook.flows import check_flow, load_flow
from closedbook.flows.stage import FlowStage
from closedbook.models.chat import ChatModel, ChatRequest
from closedbook.records import Completion, Document

Reply = str | Completion | Callable[[str], str | Completion]


@pytest.fixture(autouse=True)
def _no_blocking_calls() -> Iterator[None]:
    with blockbuster_ctx("closedbook"):
        yield


@dataclass
class Scripted(ChatModel):
    """Answers by the first word of the last turn, and keeps what it was asked."""

    replies: Mapping[str, Reply]
    requests: list[ChatRequest] = field(default_factory=list)
    identity: str = "scripted"
    slots: int = 1
    waiting: int = 0

    async def complete(self, request: ChatRequest, affinity: str = "") -> Completion:
        self.requests.append(request)
        text = request.messages[-1].content
        reply = self.replies[text.split()[0]]
        answer = reply(text) if callable(reply) else reply
        return Completion(answer) if isinstance(answer, str) else answer


@dataclass
class Lab:
    """A project folder."""

    folder: Path
    runs: int = 0

    def write(self, files: Mapping[str, str]) -> None:
        for name, text in files.items():
            (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
            (self.folder / name).write_text(text, encoding="utf-8")

    def problems(self, flow: str = "mine") -> list[str]:
        """What is wrong with a flow, paths relative to the folder."""
        found = check_flow(flow, self.folder)
        return [str(problem).replace(f"{self.folder}/", "") for problem in found]

    def run(self, teacher: Scripted, flow: str = "mine", texts: tuple[str, ...] = ("d",)) -> Yield:
        """What a flow makes of one document, or of the first of several."""
        self.runs += 1
        journal = self.folder / f"journal{self.runs}.sqlite"
        documents = [Document.make(title="T", text=text, source=f"{text}.md") for text in texts]
        stage = FlowStage("lab", [load_flow(flow, self.folder)], Account.of(teacher, journal))
        return stage.ask(documents, silent)[0][0]


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    return Lab(tmp_path)


@pytest.fixture
def scripted() -> type[Scripted]:
    return Scripted
