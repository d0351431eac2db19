"""ask: what is sent, conversations that continue, repairs."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from closedbook.engine import Account, Role
from closedbook.events import silent
from closedbook.flows import load_flow
from closedbook.flows.stage import FlowStage
from closedbook.records import Completion, Document

CHAIN = """\
flow: mine
makes: pairs
steps:
  - ask: {prompt: draft, samples: 2, into: draft, temperature: 0.6, top_p: 0.9, max_tokens: 99}
  - ask: {prompt: refine, continues: draft, into: refined, reasoning: keep}
  - drop: [draft, refined]
  - ask:
      prompt: tojson
      continues: refine
      parse: {json: [question, answer], choices: {answer: [a, b]}}
"""
FILES = {
    "flows/mine.yaml": CHAIN,
    "prompts/draft.md": "## system\nYou write.\n## user\nDRAFT {{ document }} {{ sample }}\n",
    "prompts/refine.md": "## user\nREFINE it.\n",
    "prompts/tojson.md": '## user\nJSON: [{"question": "...", "answer": "a or b"}]\n',
}
REPLIES: dict[str, Any] = {
    "DRAFT": lambda text: f"draft of {text}",
    "REFINE": Completion("refined", "hm"),
    "JSON:": '[{"question": "q1", "answer": "A."}, {"question": "q2", "answer": "b"}]',
}


def turns(request: Any) -> list[tuple[str, str]]:
    return [(message.role, message.content) for message in request.messages]


def test_a_conversation_goes_on_through_steps_that_drop_columns(lab: Any, scripted: Any) -> None:
    lab.write(FILES)
    teacher = scripted(REPLIES)
    given = lab.run(teacher)
    last = [r for r in teacher.requests if r.messages[-1].content.startswith("JSON")]
    assert sorted(turns(request) for request in last) == [
        [
            ("system", "You write."),
            ("user", f"DRAFT d {sample}"),
            ("assistant", f"draft of DRAFT d {sample}"),
            ("user", "REFINE it."),
            ("assistant", "refined"),
            ("user", 'JSON: [{"question": "...", "answer": "a or b"}]'),
        ]
        for sample in (1, 2)
    ]
    assert [row.columns["question"] for row in given.rows] == ["q1", "q2"] * 2
    assert [row.columns["answer"] for row in given.rows] == ["a", "b"] * 2
    assert {row.columns["reasoning"] for row in given.rows} == {"hm"}
    assert "draft" not in given.rows[0].columns


def test_each_ask_goes_to_the_model_of_its_role(lab: Any, scripted: Any) -> None:
    flow = CHAIN.replace("continues: draft, ", "continues: draft, model: judge, ")
    lab.write({**FILES, "flows/mine.yaml": flow})
    teacher, judge = scripted(REPLIES), scripted(REPLIES, identity="judge")
    account = Account({"teacher": Role(teacher), "judge": Role(judge)}, lab.folder / "j.sqlite")
    stage = FlowStage("lab", [load_flow("mine", lab.folder)], account)
    stage.ask([Document.make(title="T", text="d", source="d.md")], silent)
    words = [{r.messages[-1].content.split()[0] for r in m.requests} for m in (teacher, judge)]
    assert words == [{"DRAFT", "JSON:"}, {"REFINE"}]


def test_the_conversation_holds_the_repaired_answer_only(lab: Any, scripted: Any) -> None:
    flow = CHAIN.replace("into: refined", "parse: {tags: [refined]}")
    lab.write({**FILES, "flows/mine.yaml": flow})
    lab.write({"prompts/refine.md": "## user\nREFINE it. [REFINED]\n"})
    replies = {**REPLIES, "REFINE": "no", "That": "[REFINED] at last [END]"}
    teacher = scripted(replies)
    assert len(lab.run(teacher).rows) == 4
    last = next(r for r in teacher.requests if r.messages[-1].content.startswith("JSON"))
    assert turns(last)[-2] == ("assistant", "[REFINED] at last [END]")
    assert all("That reply" not in content for _, content in turns(last))


def test_hidden_conversations_reach_neither_prompts_nor_files(lab: Any, scripted: Any) -> None:
    steps = "  - filter: {where: answer == 'a', reason: other}\n"
    lab.write({**FILES, "flows/mine.yaml": CHAIN + steps})
    given = lab.run(scripted(REPLIES))
    assert {r.raw for r in given.rejections} == {"reasoning: hm\nquestion: q2\nanswer: b"}
    assert "assistant" not in orjson.dumps([r.raw for r in given.rejections]).decode()


def test_sampling_of_the_flow_is_sent(lab: Any, scripted: Any) -> None:
    lab.write(FILES)
    teacher = scripted(REPLIES)
    lab.run(teacher)
    by_word = {r.messages[-1].content.split()[0]: r.sampling for r in teacher.requests}
    draft, refine = by_word["DRAFT"], by_word["REFINE"]
    assert (draft.temperature, draft.top_p, draft.max_tokens) == (0.6, 0.9, 99)
    assert (refine.temperature, refine.top_p, refine.max_tokens) == (None, None, None)
    assert sorted(r.sample for r in teacher.requests if "DRAFT" in r.messages[-1].content) == [0, 1]


@pytest.mark.parametrize(
    ("second", "rows", "reason"),
    [
        ('[{"question": "q", "answer": "b"}]', 2, ""),
        ('[{"question": "q", "answer": "c"}]', 0, "not in the form asked for"),
        ("[]", 0, "nothing offered"),
        ("never", 0, "not in the form asked for"),
        (Completion("never", "", "length"), 0, "truncated"),
    ],
)
def test_a_reply_without_the_form_is_asked_for_once_more(
    lab: Any, scripted: Any, second: Any, rows: int, reason: str
) -> None:
    lab.write(FILES)
    teacher = scripted({**REPLIES, "JSON:": "Sorry.", "That": second})
    given = lab.run(teacher)
    assert len(given.rows) == rows
    assert {r.reason for r in given.rejections} == ({reason} if reason else set())
    repair = next(r for r in teacher.requests if r.messages[-1].content.startswith("That"))
    assert repair.messages[-2].content == "Sorry."
    assert "answer is one of: a, b" in repair.messages[-1].content
