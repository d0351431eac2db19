"""`closedbook judge-check`: what judges of known quality come to, through journal and budget."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from closedbook.cli.main import app
from closedbook.engine import Account
from closedbook.errors import BudgetExhausted, InputError, UserError
from closedbook.events import silent
from closedbook.flows import load_flow
from closedbook.flows.stage import nothing_given
from closedbook.judging import JudgeCheck, check_judge, judge_of
from closedbook.models.chat import ChatModel, ChatRequest
from closedbook.project import Project
from closedbook.records import Completion, Document, QAPair

FLOW = """\
flow: mine
makes: pairs
steps:
  - ask: {prompt: make, parse: {tags: [question, answer]}}
  - filter: {where: answer, reason: no answer}
  - ask: {prompt: rule, parse: {tags: [verdict], blocks: one, choices: {verdict: ['YES', 'NO']}}}
  - filter: {where: "verdict == 'YES'", reason: judged wrong}
"""
PROMPTS = {
    "make": "## user\n{{ document }} [QUESTION] [ANSWER]\n",
    "rule": "## user\n{{ question }}\n<{{ answer }}>\n[VERDICT] YES or NO\n",
}
DOCUMENTS = {
    f"d{number}": Document("d" + str(number), f"Town {number}", f"Text {number}.", f"{number}.md")
    for number in range(8)
}
PAIRS = [
    QAPair(
        document_id=name,
        flow="mine",
        question=f"How many bells has {document.title}?",
        answer=f"There are {name[1]} bells.",
    )
    for name, document in DOCUMENTS.items()
]


@dataclass
class Ruling(ChatModel):
    """Says what it is told to say of a prompt."""

    wrong: str = ""
    formless: str = "%"
    asked: list[str] = field(default_factory=list)
    identity: str = "ruling"
    slots: int = 1
    waiting: int = 0

    async def complete(self, request: ChatRequest, affinity: str = "") -> Completion:
        text = request.messages[0].content.partition("<")[2].partition(">")[0]
        self.asked.append(text)
        if self.formless in text:
            return Completion("Hm.")
        return Completion(f"[VERDICT] {'NO' if self.wrong in text else 'YES'} [END]")


@pytest.fixture
def flow_folder(tmp_path: Path) -> Path:
    for name in ("flows", "prompts"):
        (tmp_path / name).mkdir()
    (tmp_path / "flows" / "mine.yaml").write_text(FLOW)
    for name, text in PROMPTS.items():
        (tmp_path / "prompts" / f"{name}.md").write_text(text)
    return tmp_path


def checked(folder: Path, model: Ruling) -> JudgeCheck:
    judge = judge_of([load_flow("mine", folder)])
    account = Account.of(model, folder / "journal.sqlite")
    return check_judge(judge, PAIRS, DOCUMENTS, account, silent, given=nothing_given, seed=0)


def test_a_judge_that_sees_negations_only_has_that_recall(flow_folder: Path) -> None:
    model = Ruling(wrong=" not ")
    found = checked(flow_folder, model)
    shares = {kind: counted.value for kind, counted in found.found.items()}
    assert shares == {"untouched": 0, "number shifted": 0, "negation added": 1}
    assert found.recall.value == pytest.approx(8 / found.recall.n)
    assert found.precision is not None
    assert (found.precision.value, found.precision.n) == (1, 8)
    low, high = found.found["negation added"].interval
    assert 0.6 < low < 0.9
    assert high == 1
    before = len(model.asked)
    assert checked(flow_folder, model) == found
    assert len(model.asked) == before, "answered from the journal"


def test_a_judge_that_rejects_all_has_full_recall_and_no_precision(flow_folder: Path) -> None:
    found = checked(flow_folder, Ruling(wrong=""))
    assert found.recall.value == 1
    assert found.found["untouched"].value == 1
    assert found.precision is not None
    assert found.precision.value == pytest.approx(found.recall.n / (found.recall.n + 8))


def test_replies_without_a_verdict_are_counted_apart(flow_folder: Path) -> None:
    found = checked(flow_folder, Ruling(wrong="%", formless=" not "))
    assert found.no_verdict == 8
    assert "negation added" not in found.found
    assert found.precision is None


def test_the_judge_is_the_first_ask_that_sees_question_and_answer() -> None:
    judged = {name: judge_of([load_flow(name, Path())]).asks for name in ("qa", "reasoning-qa")}
    assert judged == {"qa": {"qa/judge"}, "reasoning-qa": {"reasoning-qa/judge"}}
    three = judge_of([load_flow("study", Path()), load_flow("knowledge-qa-three-judges", Path())])
    assert len(three.asks) == 3
    with pytest.raises(UserError, match="no judge in study"):
        judge_of([load_flow("study", Path())])


def command(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["judge-check", *map(str, arguments)])


def test_in_a_project_it_needs_no_generated_pairs(small_project: Path) -> None:
    shown = command("-p", small_project, "--pairs", 20)
    assert shown.exit_code == 0
    assert "the judge of qa" in shown.stdout
    assert "of 20 pairs: every sentence that names something and stands alone, in 3" in shown.stdout
    assert "a kind has fewer pairs" in shown.stdout
    for line in ("untouched", "entity swapped", "number shifted", "negation added", "precision"):
        assert line in shown.stdout
    refused = command("-p", small_project, "--from", "generated")
    assert refused.exit_code == 2
    assert "there are no generated pairs" in refused.stderr


def test_generated_pairs_are_taken_where_there_are_any(small_project: Path) -> None:
    project = Project.open(small_project)
    project.run("generate")
    assert project.check_judge(pairs=10).passed_before
    assert not project.check_judge(pairs=10, source="documents").passed_before


def test_it_keeps_to_the_budget(small_project: Path) -> None:
    project = Project.open(small_project, ["budget.requests=5"])
    with pytest.raises(BudgetExhausted):
        project.check_judge(pairs=20)


def test_documents_without_names_offer_nothing_to_spoil(small_project: Path) -> None:
    for file in (small_project / "documents").iterdir():
        file.write_text(f"nothing is told here {file.name}")
    with pytest.raises(InputError, match="no pairs to spoil"):
        Project.open(small_project).check_judge()
