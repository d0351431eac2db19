"""`when`: an ask that is made for some rows only."""

from __future__ import annotations

from pathlib import Path

import pytest

from closedbook.engine import Account
from closedbook.errors import FlowError
from closedbook.events import silent
from closedbook.flows import check_flow, load_flow
from closedbook.flows.stage import FlowStage
from closedbook.models.chat import ChatRequest
from closedbook.models.rehearsal import RehearsalTeacher
from closedbook.records import Completion, Document

FLOW = """\
flow: some
makes: study
steps:
  - ask: {prompt: first, into: draft, reasoning: keep}
  - rename: {thought: reasoning}
  - ask:
      prompt: second
      when: "'long' in draft"
      samples: 2
      reasoning: keep
      continues: first
      parse: {tags: [text]}
    name: second
  - ask: {prompt: third, into: last, continues: second}
"""
PROMPTS = {
    "first": "## user\nFIRST {{ document }}\n",
    "second": "## user\nSECOND [TEXT] [END]\n",
    "third": "## user\nTHIRD\n",
}


class Teacher(RehearsalTeacher):
    def __init__(self) -> None:
        self.asked: list[list[str]] = []

    async def complete(self, request: ChatRequest, affinity: str = "") -> Completion:
        turns = [message.content for message in request.messages]
        self.asked.append(turns)
        said = turns[-1].replace("FIRST", "draft:").replace("SECOND [TEXT] [END]", "[TEXT] short")
        return Completion(said, "hm")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for folder in ("flows", "prompts"):
        (tmp_path / folder).mkdir()
    (tmp_path / "flows/some.yaml").write_text(FLOW)
    for name, text in PROMPTS.items():
        (tmp_path / f"prompts/{name}.md").write_text(text)
    return tmp_path


def rows(project: Path, teacher: Teacher, text: str) -> list[dict[str, str]]:
    account = Account.of(teacher, project / "journal.sqlite")
    stage = FlowStage("test", [load_flow("some", project)], account)
    ((given,),) = stage.ask([Document.make(title="T", text=text, source="t.md")], silent)
    assert not given.rejections
    return [dict(row.columns) for row in given.rows]


def test_a_row_that_meets_the_condition_is_asked(project: Path) -> None:
    teacher = Teacher()
    made = rows(project, teacher, "a long one")
    assert [(row["text"], row["reasoning"]) for row in made] == [("short", "hm")] * 2
    assert teacher.asked[-1] == [
        "FIRST a long one",
        "draft: a long one",
        "SECOND [TEXT] [END]",
        "[TEXT] short",
        "THIRD",
    ]


def test_another_goes_on_once_with_empty_columns(project: Path) -> None:
    teacher = Teacher()
    made = rows(project, teacher, "a brief one")
    assert [(row["text"], row["reasoning"], row["last"]) for row in made] == [("", "", "THIRD")]
    assert teacher.asked[1:] == [["FIRST a brief one", "draft: a brief one", "THIRD"]]


@pytest.mark.parametrize(
    ("condition", "problem"),
    [("'long' in draught", "no column 'draught' at this step"), ("'long' in", "when: ")],
)
def test_a_wrong_condition_is_found_with_its_line(
    project: Path, condition: str, problem: str
) -> None:
    file = project / "flows/some.yaml"
    file.write_text(FLOW.replace("'long' in draft", condition))
    (found,) = check_flow("some", project)
    assert isinstance(found, FlowError)
    assert f"{file}:8: " in str(found)
    assert problem in str(found)
