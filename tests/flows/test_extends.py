"""`extends`: another flow's steps, changed, left out, added to; mistakes at their own lines."""

from __future__ import annotations

from typing import Any

import pytest

from closedbook.flows import load_flow

BASE = """\
flow: base
description: the base
makes: pairs
expects: {asks: 2, rows: 3}
steps:
  - ask: {prompt: make, samples: 2, temperature: 0.5, parse: {tags: [question, answer]}}
  - ask: {prompt: judge, parse: {tags: [verdict], choices: {verdict: ['YES', 'NO']}}}
  - filter: {where: "verdict == 'YES'", reason: unfaithful}
"""
OWN = """\
flow: mine
extends: base
"""
FILES = {
    "flows/base.yaml": BASE,
    "prompts/make.md": "## user\nMAKE {{ document }} [QUESTION] [ANSWER] [EVIDENCE]\n",
    "prompts/judge.md": "## user\nJUDGE {{ answer }} [VERDICT] YES or NO\n",
}


@pytest.fixture
def extended(lab: Any) -> Any:
    lab.write(FILES)
    return lab


def names(lab: Any, own: str) -> list[str]:
    lab.write({"flows/mine.yaml": own})
    assert lab.problems() == []
    return [part.name for part in load_flow("mine", lab.folder).parts]


def test_everything_is_inherited_but_the_name(extended: Any) -> None:
    assert names(extended, OWN) == ["make", "judge", "filter"]
    flow = load_flow("mine", extended.folder)
    assert [step.name for step in flow.lane.steps] == ["mine/make", "mine/judge", "mine/filter"]
    assert (flow.makes, flow.spec.description) == ("pairs", "the base")
    assert [file.name for file in flow.files] == ["mine.yaml", "base.yaml", "make.md", "judge.md"]


def test_keys_of_steps_are_changed_below_their_kind(extended: Any) -> None:
    own = """\
flow: mine
extends: base
makes: pairs
change:
  make: {samples: 4, temperature: null, parse: {tags: [question, answer, evidence]}}
  filter: {reason: not true}
"""
    assert names(extended, own) == ["make", "judge", "filter"]
    make, _, where = (part.spec for part in load_flow("mine", extended.folder).parts)
    assert make.ask is not None
    assert (make.ask.samples, make.ask.temperature) == (4, None)
    assert make.ask.parse is not None
    assert make.ask.parse.tags == ("question", "answer", "evidence")
    assert where.filter is not None
    assert (where.filter.where, where.filter.reason) == ("verdict == 'YES'", "not true")


@pytest.mark.parametrize(
    ("more", "steps"),
    [
        ("without: [filter]", ["make", "judge"]),
        ("without: [judge, filter]", ["make"]),
        ("steps: [{drop: [verdict]}]", ["make", "judge", "filter", "drop"]),
        ("steps: [{sample: {rows: 1}, before: judge}]", ["make", "sample", "judge", "filter"]),
        (
            "steps:\n  - {drop: [domain], before: make, name: a}\n  - copy: {c: question}\n"
            "  - {drop: [outline], before: make}",
            ["a", "drop", "make", "judge", "filter", "copy"],
        ),
        (
            "steps: [{filter: {where: answer, reason: r}, before: filter}]",
            ["make", "judge", "filter-2", "filter"],
        ),
        (
            "without: [filter]\nsteps: [{filter: {where: answer, reason: r}}]",
            ["make", "judge", "filter-2"],
        ),
    ],
)
def test_steps_are_left_out_and_added(extended: Any, more: str, steps: list[str]) -> None:
    assert names(extended, OWN + more) == steps


def test_a_variation_of_a_variation(extended: Any) -> None:
    extended.write({"flows/middle.yaml": "flow: middle\nextends: base\nsteps: [{drop: [title]}]\n"})
    own = "flow: mine\nextends: middle\ndescription: own\nwithout: [filter]\n"
    own += "steps: [{drop: [domain]}]\n"
    assert names(extended, own) == ["make", "judge", "drop", "drop-2"]
    assert load_flow("mine", extended.folder).spec.description == "own"


def test_a_file_may_extend_the_shipped_flow_whose_name_it_has(lab: Any) -> None:
    lab.write({"flows/qa.yaml": "flow: qa\nextends: qa\nchange: {qa: {samples: 3}}\n"})
    assert lab.problems("qa") == []
    flow = load_flow("qa", lab.folder)
    assert flow.lane.steps[1].branches == 3
    assert [file.parent.name for file in flow.files[:2]] == ["flows", "library"]


@pytest.mark.parametrize(
    ("own", "problem"),
    [
        ("extends: bse\n", "mine.yaml:2: extends: no other flow 'bse' (did you mean 'base'?)"),
        ("extends: mine\n", "mine.yaml:2: extends: no other flow 'mine'"),
        ("extends: other\n", "other.yaml:2: extends: no other flow 'mine'"),
        ("extends: flows/mine.yaml\n", "mine.yaml:2: extends: 'flows/mine.yaml' extends this flow"),
        ("extends: [base]\n", "mine.yaml:2: 'extends': Input should be a valid string"),
        ("extends: base\nwithout: [jdge]\n", "mine.yaml:3: no inherited step 'jdge' (did you mean"),
        ("extends: base\nchange:\n  mak: {samples: 2}\n", "mine.yaml:4: no inherited step 'mak'"),
        ("extends: base\nchange:\n  make: {sample: 2}\n", "mine.yaml:4: unknown key 'sample'"),
        (
            "extends: base\nchange:\n  make:\n    samples: no\n",
            "mine.yaml:5: 'steps.0.ask.samples'",
        ),
        (
            "extends: base\nsteps:\n  - drop: [title]\n    before: jugde\n",
            "mine.yaml:5: no inherited step 'jugde' (did you mean 'judge'?)",
        ),
        (
            "extends: base\nsteps:\n  - drop: [verdict]\n    before: filter\n",
            "base.yaml:8: as flows/mine.yaml extends it: no column 'verdict' at this step",
        ),
        (
            "extends: base\nchange:\n  filter:\n    reason: no\n",
            "mine.yaml:5: steps.2.filter.reason: YAML reads False here, not a text (put it in quo",
        ),
        ("extends: base\nsteps: 3\n", "mine.yaml:3: 'steps' must be a list, not 3"),
        ("extends: base\nmakes: study\n", "mine.yaml:3: makes: study needs a column 'text'"),
    ],
)
def test_a_mistake_is_told_where_it_was_made(extended: Any, own: str, problem: str) -> None:
    extended.write({"flows/mine.yaml": f"flow: mine\n{own}"})
    extended.write({"flows/other.yaml": "flow: other\nextends: mine\n"})
    found = extended.problems()
    assert any(line.startswith(f"flows/{problem}") for line in found), found


def test_answers_are_shared_with_the_flow_that_is_extended(extended: Any, scripted: Any) -> None:
    """The journal knows requests, not flows: a variation buys only what it changes."""
    extended.write({"flows/mine.yaml": OWN + "change: {make: {samples: 3}}\n"})
    replies = {"MAKE": "[QUESTION] q [ANSWER] a [END]", "JUDGE": "[VERDICT] **yes** [END]"}
    teacher = scripted(replies)
    assert len(extended.run(teacher, "base").rows) == 2
    extended.runs = 0
    again = scripted(replies)
    assert len(extended.run(again).rows) == 3
    assert [request.sample for request in again.requests] == [2]
