"""set, copy, rename, drop, melt and filter: which columns a row has after them."""

from __future__ import annotations

from typing import Any

import pytest

from closedbook.flows.spec import SOURCE_COLUMNS

ASK = {"prompts/make.md": "## user\nMAKE {{ document }} [QUESTION] [ANSWER]\n"}
FLOW = """\
flow: mine
makes: pairs
steps:
  - ask: {prompt: make, parse: {tags: [question, answer]}}
"""
REPLIES = {"MAKE": "[QUESTION] q1 [ANSWER] a1 [END] [QUESTION] q2 [ANSWER] a2 [END]"}


def made(lab: Any, scripted: Any, steps: str) -> list[dict[str, str]]:
    """The columns of the rows that came out, without those of the source."""
    lab.write({**ASK, "flows/mine.yaml": FLOW + steps})
    rows = lab.run(scripted(REPLIES)).rows
    return [{n: text for n, text in row.columns.items() if n not in SOURCE_COLUMNS} for row in rows]


def test_set_makes_columns_of_the_row_as_it_was(lab: Any, scripted: Any) -> None:
    step = "  - set: {question: '{{ outline }}: {{ question }}', size: '{{ question | length }}'}\n"
    assert made(lab, scripted, step) == [
        {"question": f"T: q{n}", "answer": f"a{n}", "size": "2"} for n in (1, 2)
    ]


def test_copy_and_rename_map_new_to_old(lab: Any, scripted: Any) -> None:
    steps = "  - copy: {short: answer, text: document}\n"
    steps += "  - rename: {question: answer, answer: question}\n"
    assert made(lab, scripted, steps)[0] == {
        "question": "a1",
        "answer": "q1",
        "short": "a1",
        "text": "d",
    }


def test_what_is_dropped_or_renamed_is_gone_and_may_be_made_again(lab: Any, scripted: Any) -> None:
    steps = (
        "  - copy: {first: question}\n  - drop: [first, domain]\n  - copy: {first: answer}\n"
        "  - rename: {second: first}\n  - set: {first: x}\n"
    )
    row = made(lab, scripted, steps)[1]
    assert row == {"question": "q2", "answer": "a2", "second": "a2", "first": "x"}


def test_a_row_that_a_template_does_not_fit_is_a_rejection(lab: Any, scripted: Any) -> None:
    lab.write({**ASK, "flows/mine.yaml": FLOW + "  - set: {n: '{{ 1 / (question | int) }}'}\n"})
    given = lab.run(scripted(REPLIES))
    assert not given.rows
    assert [(r.step, r.reason) for r in given.rejections] == [
        ("mine/set", "the step could not use the row")
    ] * 2


def test_melt_gives_a_row_per_view_that_has_a_text(lab: Any, scripted: Any) -> None:
    lab.write(
        {
            "flows/mine.yaml": """\
flow: mine
makes: study
steps:
  - ask: {prompt: sum, into: summary}
  - melt: {columns: [summary, document, domain], value: text, variable: view}
""",
            "prompts/sum.md": "## user\nSUM {{ document }}\n",
        }
    )
    given = lab.run(scripted({"SUM": "short"}))
    assert [(row.columns["view"], row.columns["text"]) for row in given.rows] == [
        ("summary", "short"),
        ("document", "d"),
    ]
    assert [(r.step, r.reason) for r in given.rejections] == [("mine/melt", "nothing in domain")]


def test_filter_keeps_what_was_made_of_a_rejected_row(lab: Any, scripted: Any) -> None:
    lab.write(
        {**ASK, "flows/mine.yaml": FLOW + "  - filter: {where: answer == 'a2', reason: other}\n"}
    )
    given = lab.run(scripted(REPLIES))
    assert [row.columns["answer"] for row in given.rows] == ["a2"]
    (rejection,) = given.rejections
    assert (rejection.reason, rejection.raw) == ("other", "question: q1\nanswer: a1")


@pytest.mark.parametrize("rows", [1, 3, 9])
def test_sample_keeps_some_rows_of_every_reply(lab: Any, scripted: Any, rows: int) -> None:
    reply = "".join(f"[QUESTION] q{n} [ANSWER] a [END]" for n in range(6))
    flow = FLOW.replace("make, ", "make, samples: 2, ") + f"  - sample: {{rows: {rows}}}\n"
    lab.write({**ASK, "flows/mine.yaml": flow})
    first, second = (lab.run(scripted({"MAKE": reply})) for _ in range(2))
    assert first.rows == second.rows
    assert first.rejections == second.rejections
    kept = [row.columns["question"] for row in first.rows]
    assert len(kept) == 2 * min(rows, 6)
    halves = kept[: len(kept) // 2], kept[len(kept) // 2 :]
    assert all(half == sorted(half) for half in halves), "their order stays"
    assert rows != 3 or halves[0] != halves[1], "each reply is sampled for itself"
    assert {(r.step, r.reason) for r in first.rejections} <= {("mine/make", "not sampled")}
    assert len(kept) + len(first.rejections) == 12
    assert all(r.raw.startswith("question: q") for r in first.rejections)


def test_sampling_does_not_depend_on_other_documents(lab: Any, scripted: Any) -> None:
    reply = "".join(f"[QUESTION] q{n} [ANSWER] a [END]" for n in range(6))
    lab.write({**ASK, "flows/mine.yaml": FLOW + "  - sample: {rows: 2}\n"})
    alone = lab.run(scripted({"MAKE": reply}))
    assert lab.run(scripted({"MAKE": reply}), texts=("d", "e", "f")).rows == alone.rows


def test_sample_after_melt(lab: Any, scripted: Any) -> None:
    steps = (
        "  - melt: {columns: [question, answer, title], value: text, variable: view}\n"
        "  - sample: {rows: 1}\n"
    )
    assert len(made(lab, scripted, steps)) == 2
