"""Trying a flow: everything in order, through the journal."""

from __future__ import annotations

from typing import Any

from closedbook.engine import Account, Dropped
from closedbook.errors import ProviderError
from closedbook.events import silent
from closedbook.flows import load_flow
from closedbook.flows.trying import try_flow
from closedbook.records import Document

FLOW = """\
flow: mine
makes: pairs
steps:
  - ask: {prompt: make, samples: 2, parse: {tags: [question, answer]}}
  - sample: {rows: 1}
  - ask: {prompt: judge, continues: make, into: verdict}
  - filter: {where: verdict == 'yes', reason: unfaithful}
"""
DOCUMENTS = [Document.make(title=t, text=t, source=f"{t}.md") for t in ("d2", "d1")]


def tried(lab: Any, teacher: Any) -> list[Any]:
    lab.write({"flows/mine.yaml": FLOW})
    lab.write({"prompts/make.md": "## user\nMAKE {{ document }} [QUESTION] [ANSWER]\n"})
    lab.write({"prompts/judge.md": "## user\nJUDGE {{ answer }}\n"})
    account = Account.of(teacher, lab.folder / "journal.sqlite")
    return try_flow(load_flow("mine", lab.folder), DOCUMENTS, account, silent)


REPLIES = {
    "MAKE": lambda text: "".join(f"[QUESTION] q{n} [ANSWER] {text.split()[1]} [END]" for n in "ab"),
    "JUDGE": lambda text: "no" if "d1" in text else "yes",
}


def test_everything_is_seen_in_order(lab: Any, scripted: Any) -> None:
    seen = tried(lab, scripted(REPLIES))
    assert [(item.document, item.step) for item in seen] == [
        (f"{text}.md", f"mine/{step}")
        for text in ("d2", "d1")
        for step in ("make", "make", "judge", "judge", "filter", "filter")
    ]
    make, judge, where = seen[0], seen[2], seen[-1]
    assert [request.request.messages[-1].content.split()[0] for request in make.asked] == ["MAKE"]
    assert sum(isinstance(child, Dropped) for child in make.made) == 1
    assert [turn.role for turn in judge.asked[0].request.messages] == ["user", "assistant", "user"]
    assert judge.made == ({"verdict": "yes"},), "what only steps see is not shown"
    assert [(child.reason, child.detail) for child in where.made] == [
        ("unfaithful", "verdict == 'yes'")
    ]


def test_a_second_try_asks_nothing(lab: Any, scripted: Any) -> None:
    first = tried(lab, scripted(REPLIES))
    again = scripted({})
    assert tried(lab, again) == first
    assert again.requests == []


def test_what_an_endpoint_refuses_is_shown(lab: Any, scripted: Any) -> None:
    def refused(text: str) -> str:
        if "d1" in text:
            raise ProviderError("400: too long", retryable=False)
        return "yes"

    seen = tried(lab, scripted({**REPLIES, "JUDGE": refused}))
    assert [item.problem for item in seen if item.step == "mine/judge"] == ["", ""] + [
        "400: too long"
    ] * 2
