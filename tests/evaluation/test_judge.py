"""Short answers before a judge: who graded what, what cannot be read, agreement with a person."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import orjson
import pytest
from typer.testing import CliRunner

from closedbook.checks import find_problems
from closedbook.cli.main import app
from closedbook.config import Evaluate
from closedbook.engine import TEACHER, Account
from closedbook.errors import ConfigError, EvaluationError, InputError, ProviderError
from closedbook.evaluation import Exam, ImportedExaminee, Judge, answer_exams, measure_agreement
from closedbook.evaluation.agreement import Counted
from closedbook.evaluation.conditions import Library
from closedbook.evaluation.judge import read_verdict
from closedbook.events import silent
from closedbook.models import ChatModel, ChatRequest
from closedbook.project import Project
from closedbook.records import Completion, Question, Response
from closedbook.store import read_rows

QUESTION = Question(document="Heron", question="Who?", accepted=("Mila Torn", "Torn"))


class Says(ChatModel):
    """Replies by what stands in the answer; fails where it has nothing to say."""

    def __init__(self, replies: Mapping[str, str]) -> None:
        self.replies = replies
        self.asked: list[ChatRequest] = []

    @property
    def identity(self) -> str:
        return "says"

    async def complete(self, request: ChatRequest, affinity: str = "") -> Completion:
        self.asked.append(request)
        answer = request.messages[-1].content.partition("<answer>")[2].partition("</answer>")[0]
        for words, text in self.replies.items():
            if words in answer:
                return Completion(text)
        raise ProviderError("500", retryable=True)


def judge_of(model: ChatModel, folder: Path) -> Judge:
    return Judge(Account.of(model, folder / "journal.sqlite"), TEACHER)


def sit(folder: Path, answer: str, judge: Judge | None) -> tuple[Response, dict[str, float]]:
    file = folder / "answers.jsonl"
    file.write_text(json.dumps({"question": "Who?", "document": "Heron", "text": answer}))
    exam = Exam("exam", (QUESTION,), ("closed_book",), judge)
    examinee = ImportedExaminee.load(file)
    counts = answer_exams(
        [exam], "other", examinee, Library({}), Evaluate(), folder / "out", silent
    )
    (response,) = read_rows(folder / "out" / "responses.jsonl", Response)
    return response, dict(counts)


RIGHT, WRONG = "[VERDICT] RIGHT\n[END]", "[VERDICT] WRONG\n[END]"


def test_only_what_does_not_match_goes_to_the_judge(tmp_path: Path) -> None:
    model = Says({"the mason": RIGHT, "Jon Reef": WRONG})
    judge = judge_of(model, tmp_path)
    response, counts = sit(tmp_path, "Mila Torn.", judge)
    assert (response.correct, response.extracted, model.asked) == (True, "match", [])
    response, counts = sit(tmp_path, "the mason from Oskel", judge)
    assert (response.correct, response.extracted) == (True, "judge")
    assert (counts["judged"], counts["judged_right"]) == (1, 1)
    response, counts = sit(tmp_path, "Jon Reef", judge)
    assert (response.correct, response.extracted) == (False, "judge")
    assert "judged_right" not in counts
    (asked, _) = model.asked
    assert asked.thinking is False
    assert all(text in asked.messages[-1].content for text in ("Who?", "Mila Torn\nTorn"))
    sit(tmp_path, "Jon Reef", judge)
    assert len(model.asked) == 2
    assert sit(tmp_path, "Jon Reef", None)[0].extracted == "no match"


def test_an_unreadable_verdict_and_one_that_never_came_are_wrong_and_counted(
    tmp_path: Path,
) -> None:
    judge = judge_of(Says({"Jon Reef": "It is RIGHT or WRONG."}), tmp_path)
    response, counts = sit(tmp_path, "Jon Reef", judge)
    assert (response.correct, response.extracted, response.failed) == (False, "", "")
    assert counts["unparsed"] == 1
    assert any("verdict cannot be read" in name for name in counts)
    response, counts = sit(tmp_path, "Ada Ore", judge)
    assert (response.correct, response.failed) == (False, "no verdict: 500")
    assert (counts["failed"], counts["to_retry"]) == (1, 1)


@pytest.mark.parametrize(
    ("reply", "verdict"),
    [
        (RIGHT, True),
        ("**[VERDICT]** wrong", False),
        ("Verdict: **RIGHT**.", True),
        ("WRONG", False),
        ("[VERDICT] RIGHT, but vague\n[END]", None),
        (f"{RIGHT}\n{WRONG}", None),
        ("", None),
    ],
)
def test_a_verdict_is_read_from_the_form_or_the_word_alone(
    reply: str, verdict: bool | None
) -> None:
    assert read_verdict(reply) is verdict


def test_kappa_and_its_interval_agree_with_the_textbook() -> None:
    """Cohen's own example, in counts: 20 and 15 agreements of 50, 5 and 10 errors."""
    pairs = [(True, True)] * 20 + [(False, False)] * 15 + [(True, False)] * 5
    counted = Counted.of([*pairs, *[(False, True)] * 10])
    assert counted.agreement == pytest.approx(0.7)
    assert counted.kappa == pytest.approx(0.4)
    assert counted.kappa_interval == pytest.approx((0.125, 0.618), abs=0.01)
    perfect = Counted.of([(True, True)] * 25 + [(False, False)] * 25)
    assert perfect.kappa == 1
    assert perfect.kappa_interval == pytest.approx((0.857, 1), abs=0.01)
    assert Counted.of([(True, True)] * 50).kappa is None


def grades(file: Path, rows: list[tuple[str, bool]]) -> Path:
    lines = [
        {"question": "Who?", "accepted": ["Mila Torn"], "answer": answer, "right": right}
        for answer, right in rows
    ]
    file.write_bytes(b"\n".join(map(orjson.dumps, lines)))
    return file


def test_agreement_names_the_rows_on_which_the_judge_errs(tmp_path: Path) -> None:
    judge = judge_of(
        Says({"kind": RIGHT, "strict": WRONG, "mumble": "Hm.", "Mila": WRONG}), tmp_path
    )
    rows = [("kind", True), ("kind too", False), ("strict", True), ("mumble", False)]
    file = grades(tmp_path / "g.jsonl", [*rows, ("Mila Torn", True), ("gone", True)])
    found = measure_agreement(file, judge)
    assert (found.judge.n, found.unread, found.failed) == (5, 1, 1)
    assert found.judge.agreement == pytest.approx(2 / 5)
    assert found.graded.agreement == pytest.approx(3 / 5)
    assert [line for line, _ in found.too_kind] == [2]
    assert [line for line, _ in found.too_strict] == [3, 5]
    with pytest.raises(EvaluationError, match="gave no verdict: 500"):
        measure_agreement(grades(file, [("gone", True)]), judge)
    file.write_text('\n{"question": "Who?", "accepted": ["x"], "answer": "y", "right": "yes"}')
    with pytest.raises(InputError, match=r"g\.jsonl:2: 'right': "):
        measure_agreement(file, judge)


def test_the_command_measures_the_rehearsal_teacher(small_project: Path) -> None:
    file = grades(small_project / "g.jsonl", [("Torn", True), ("Jon Reef", False), ("Jon", True)])
    command = ["exam", "agreement", str(file), "-p", str(small_project)]
    refused = CliRunner().invoke(app, command)
    assert refused.exit_code == 2
    assert "no judge of short answers is configured" in refused.stderr
    result = CliRunner().invoke(app, [*command, "--set", "evaluate.judge=teacher"])
    assert result.exit_code == 0
    assert "only 3 grades" in result.output
    assert "the judge said RIGHT, but wrong for the person: 0" in result.output
    assert "line 3: Who? | accepted: Mila Torn | answer: Jon" in result.output


def test_a_judge_that_nobody_named_is_refused(
    small_project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WHO", "other")
    unknown = "evaluate.judge=${WHO}"
    told = f"--set {unknown}: evaluate.judge: no model '${{WHO}}' (one of teacher)"
    for opened in (Project.open, Project.open_rehearsal):
        with pytest.raises(ConfigError) as caught:
            opened(small_project, [unknown])
        assert str(caught.value) == told
    assert find_problems(small_project, [unknown]) == [told]
    named = "models={other: {kind: endpoint, base_url: 'http://127.0.0.1:1/v1', model: m}}"
    Project.open(small_project, [named, unknown])
    Project.open_rehearsal(small_project, [named, unknown])


@pytest.mark.slow
def test_an_arm_of_a_project_is_graded_by_its_judge(small_project: Path) -> None:
    line = {"document": "Heron", "question": "Who founded Heron?", "answer": "Mila Torn"}
    (small_project / "exam.jsonl").write_text(json.dumps(line))
    answer = {"question": "Who founded Heron?", "document": "Heron", "text": "Torn"}
    (small_project / "theirs.jsonl").write_text(json.dumps(answer))
    models = "evaluate.models={theirs: {kind: answers, file: theirs.jsonl}}"
    project = Project.open(small_project, [models, "evaluate.judge=teacher"])
    counts = project.run("evaluate/theirs").manifests["evaluate/theirs"].counts
    assert counts["judged"] == counts["judged_right"]
