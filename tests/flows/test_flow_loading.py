"""Every mistake in a flow or prompt is found before anything runs, where it was made."""

from __future__ import annotations

from pathlib import Path

import pytest

from closedbook.errors import ConfigError, FlowError
from closedbook.flows import TO_TRAIN_ON, check_flow, load_flow, load_flows
from closedbook.flows.places import LIBRARY
from closedbook.flows.prompts import load_prompt
from closedbook.records import Message

FLOW = """\
flow: mine
description: pairs, judged
makes: pairs
steps:
  - ask:
      prompt: make
      samples: 2
      temperature: 0.7
      reasoning: keep
      parse: {tags: [question, answer]}
  - ask: {prompt: verdict, parse: {tags: [faithful], choices: {faithful: ['YES', 'NO']}}}
  - filter:
      where: "faithful == 'YES'"
      reason: judged unfaithful
"""
MAKE = """\
---
description: makes pairs
---
## system
You teach.

## user
{{ title }}
{% if sample > 1 %}
Others than before, round {{ sample }} of {{ samples }}.
{% endif %}
{{ document }}

[QUESTION] ... [ANSWER] ...
"""
FORM = "[QUESTION] ... [ANSWER] ..."
VERDICT = """\
## user
{{ document }}

Is this so? {{ question }} {{ answer }}
[FAITHFUL] YES or NO
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name, text in {
        "flows/mine.yaml": FLOW,
        "prompts/make.md": MAKE,
        "prompts/verdict.md": VERDICT,
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def change(project: Path, name: str, old: str, new: str) -> None:
    text = (project / name).read_text(encoding="utf-8")
    assert old in text
    (project / name).write_text(text.replace(old, new), encoding="utf-8")


def test_a_good_flow_has_its_steps_and_files(project: Path) -> None:
    flow = load_flow("mine", project)
    assert [step.name for step in flow.lane.steps] == ["mine/make", "mine/verdict", "mine/filter"]
    assert [path.name for path in flow.files] == ["mine.yaml", "make.md", "verdict.md"]
    assert (flow.name, flow.makes) == ("mine", "pairs")
    assert check_flow("mine", project) == []
    assert load_flow("flows/mine.yaml", project).name == "mine"


FLOW_FILE, MAKE_FILE, VERDICT_FILE = "flows/mine.yaml", "prompts/make.md", "prompts/verdict.md"


@pytest.mark.parametrize(
    ("file", "old", "new", "problem"),
    [
        (FLOW_FILE, "samples: 2", "sampels: 2", "{}:7: unknown key 'sampels' (did you mean 's"),
        (FLOW_FILE, "samples: 2", "samples: two", "{}:7: 'steps.0.ask.samples': "),
        (FLOW_FILE, "makes: pairs", "makes: pears", "{}:3: 'makes': "),
        (FLOW_FILE, "makes: pairs\n", "", "{}:1: the key 'makes' is missing (add it)"),
        (FLOW_FILE, "- filter:", "- fliter:", "{}:12: unknown key 'fliter' (did you mean"),
        (FLOW_FILE, "prompt: make", "prompt: maek", "{}:6: no prompt 'maek' (did you mean 'm"),
        (FLOW_FILE, "'YES'\"", "\"", "{}:13: where: "),
        (FLOW_FILE, "faithful ==", "faitful ==", "{}:13: no column 'faitful' at this step"),
        (FLOW_FILE, "[faithful]", "[faithful, answer]", "{}:11: the column 'answer' exists alr"),
        (FLOW_FILE, "[faithful]", "[end]", "{}:11: the name 'end' is reserved"),
        (FLOW_FILE, "[faithful]", "[Faithful]", "{}:11: steps.1.ask.parse.tags.0: "),
        (FLOW_FILE, "tags: [faithful]", "json: [a], tags: [b]", "{}:11: give one of tags: [...]"),
        (FLOW_FILE, "  - filter:\n", "  - filter: [\n", "{}:14: not YAML"),
        (FLOW_FILE, "makes: pairs", "makes: study", "{}:3: makes: study needs a column 'text'"),
        (MAKE_FILE, "{{ document }}", "{{ documnet }}", "{}:12: nothing named 'documnet' exists"),
        (MAKE_FILE, "{{ document }}", "{{ answer }}", "{}:12: nothing named 'answer'"),
        (MAKE_FILE, "{% endif %}", "", "{}:12: template: "),
        (MAKE_FILE, "## user", "## usre", "{}:1: no heading ## user"),
        (MAKE_FILE, "description:", "descripton:", "{}:2: unknown key 'descripton' (did you mean"),
        (MAKE_FILE, "You teach.", "", "{}:4: nothing below this heading"),
        (VERDICT_FILE, "## user", "Hello\n## user", "{}:1: text before the first heading"),
        (VERDICT_FILE, "{{ answer }}", "{{ anwser }}", "{}:4: nothing named 'anwser'"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_place(
    project: Path, file: str, old: str, new: str, problem: str
) -> None:
    change(project, file, old, new)
    problems = check_flow("mine", project)
    assert problems
    assert str(problems[0]).startswith(problem.format(project / file))
    with pytest.raises(FlowError) as caught:
        load_flow("mine", project)
    assert str(caught.value) == str(problems[0])


def test_check_finds_all_mistakes_at_once(project: Path) -> None:
    change(project, MAKE_FILE, "{{ title }}", "{{ titel }}")
    change(project, VERDICT_FILE, "{{ question }}", "{{ qestion }}")
    change(project, FLOW_FILE, "faithful == ", "faithfull == ")
    assert [str(problem).split(": ")[0] for problem in check_flow("mine", project)] == [
        f"{project}/prompts/make.md:8",
        f"{project}/prompts/verdict.md:4",
        f"{project}/flows/mine.yaml:13",
    ]


def test_an_unknown_flow_is_told_with_the_known_ones(project: Path) -> None:
    with pytest.raises(FlowError, match=r"no such flow \(did you mean 'mine'\?\)"):
        load_flow("mien", project)
    with pytest.raises(FlowError, match="No such file"):
        load_flow("flows/absent.yaml", project)


def test_two_flows_of_one_name_are_refused(project: Path) -> None:
    (project / "flows/again.yaml").write_text(FLOW)
    (project / "closedbook.yaml").write_text("generate:\n  flows:\n    - mine\n    - again\n")
    told = r"closedbook.yaml:4: generate.flows: two flows are named 'mine'"
    with pytest.raises(ConfigError, match=told):
        load_flows(["mine", "again"], TO_TRAIN_ON, project)


def test_a_prompt_becomes_turns(project: Path) -> None:
    prompt = load_prompt(project / MAKE_FILE)
    columns = {"title": "T", "document": "{{ not a template }}\n## user", "samples": 2}
    assert prompt.render({**columns, "sample": 1}) == (
        Message("system", "You teach."),
        Message("user", f"T\n{{{{ not a template }}}}\n## user\n\n{FORM}"),
    )
    assert "round 2 of 2" in prompt.render({**columns, "sample": 2})[1].content


def test_the_projects_own_prompt_comes_before_a_shipped_one(project: Path) -> None:
    shipped = next((LIBRARY / "prompts").glob("*.md")).stem
    (project / "prompts" / f"{shipped}.md").write_text(VERDICT)
    change(project, FLOW_FILE, "prompt: verdict", f"prompt: {shipped}")
    assert load_flow("mine", project).files[2] == project / "prompts" / f"{shipped}.md"


@pytest.mark.parametrize("path", sorted(LIBRARY.glob("*.yaml")), ids=lambda path: path.stem)
def test_shipped_flows_are_right(path: Path, tmp_path: Path) -> None:
    assert check_flow(path.stem, tmp_path) == []
    assert load_flow(path.stem, tmp_path).name == path.stem
