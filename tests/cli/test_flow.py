"""closedbook flow and closedbook schema: what they print, and their exit codes."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest
from typer.testing import CliRunner, Result

from closedbook.cli.main import app

FLOW = """\
flow: mine
description: two questions
makes: pairs
expects: {asks: 2, rows: 1.5}
steps:
  - ask: {prompt: own, samples: 2, temperature: 0.5, parse: {tags: [question, answer, evidence]}}
  - sample: {rows: 1}
  - filter: {where: answer | length > 2, reason: too short}
"""
PROMPT = """\
## user

Title: {{ title }}

<document>
{{ document }}
</document>

Give pairs, version {{ sample }} of 2: [QUESTION] [ANSWER] [EVIDENCE] [END]
"""


def invoke(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["flow", *map(str, arguments)])


@pytest.fixture
def project(small_project: Path) -> Path:
    for name, text in {"flows/mine.yaml": FLOW, "prompts/own.md": PROMPT}.items():
        (small_project / name).parent.mkdir()
        (small_project / name).write_text(text)
    return small_project


def test_list_shows_own_and_shipped_flows_and_which_are_used(project: Path) -> None:
    (project / "flows" / "odd.yaml").write_text("flow: odd\n")
    listed = invoke("list", "-p", project)
    assert listed.exit_code == 0
    lines = {line.split()[0]: line for line in listed.stdout.splitlines() if line.strip()}
    assert "pairs" in lines["mine"]
    assert "2 asks, 1.5 rows" in lines["mine"]
    assert "used" in lines["qa"]
    assert "used" not in lines["mine"]
    assert "closedbook flow check odd" in " ".join(lines["odd"].split())


def test_list_and_check_need_no_project(tmp_path: Path) -> None:
    assert "qa" in invoke("list", "-p", tmp_path).stdout
    assert invoke("check", "-p", tmp_path).stdout == "no flows here\n"
    assert invoke("check", "qa", "-p", tmp_path).stdout == "no problems found in: qa\n"


def test_show_tells_steps_prompts_columns_and_sampling(project: Path) -> None:
    config = project / "closedbook.yaml"
    endpoint = "{kind: endpoint, base_url: 'http://h/v1', model: m, max_tokens: 77}"
    config.write_text(
        config.read_text().replace("{kind: rehearsal}\nstudent", f"{endpoint}\nstudent")
    )
    shown = invoke("show", "mine", "-p", project)
    assert shown.exit_code == 0
    for expected in (
        "mine: makes pairs",
        "about 2 asks, 1.5 rows per document",
        f"1. own (ask)\n   prompt {project}/prompts/own.md\n   2 samples\n"
        "   temperature 0.5: the flow · top_p, thinking: the endpoint's default"
        " · max_tokens 77: closedbook.yaml\n   makes question, answer, evidence\n",
        "2. sample (sample)\n   rows: 1\n",
        "3. filter (filter)\n   where: answer | length > 2, reason: too short\n",
    ):
        assert expected in shown.stdout


def test_check_finds_every_problem_of_all_the_projects_flows(project: Path) -> None:
    right = invoke("check", "-p", project)
    assert (right.exit_code, right.stdout) == (0, "no problems found in: mine, qa, study\n")
    broken = FLOW.replace("makes: pairs", "makes: study").replace("answer |", "anwser |")
    (project / "flows" / "mine.yaml").write_text(broken)
    (project / "flows" / "next.yaml").write_text("flow: next\nextends: mien\n")
    checked = invoke("check", "-p", project)
    assert (checked.exit_code, checked.stdout) == (2, "")
    places = [line.split(": ")[1] for line in checked.stderr.splitlines()]
    folder = project / "flows"
    assert places == [f"{folder}/mine.yaml:8", f"{folder}/mine.yaml:3", f"{folder}/next.yaml:2"]
    assert invoke("check", "qa", "-p", project).exit_code == 0
    assert invoke("show", "mine", "-p", project).exit_code == 2


def test_try_prints_prompts_answers_rows_and_rejections(project: Path) -> None:
    tried = invoke("try", "mine", "--documents", 1, "-p", project)
    assert tried.exit_code == 0
    for expected in (
        "===== heron.md =====",
        "--- mine/own\n[user]\nTitle: Heron\n",
        "version 2 of 2",
        "[answer, finished by stop]\n[QUESTION]",
        "row:\n  question: ",
        "rejected: not sampled",
        "--- mine/filter",
    ):
        assert expected in tried.stdout
    assert "mila.md" not in tried.stdout
    unknown = invoke("try", "mien", "-p", project)
    assert unknown.exit_code == 2
    assert "did you mean 'mine'?" in unknown.stderr


def test_a_try_buys_answers_that_a_run_then_has(project: Path) -> None:
    config = project / "closedbook.yaml"
    config.write_text(f"{config.read_text()}generate: {{flows: [mine]}}\n")
    invoke("try", "mine", "--documents", 3, "-p", project)
    ran = CliRunner().invoke(app, ["run", "generate", "-p", str(project)])
    assert ran.exit_code == 0
    manifest = orjson.loads((project / "out" / "generate" / "manifest.json").read_bytes())
    counts = manifest["counts"]
    assert counts["asks"] == counts["from_journal"] == 6


def test_a_changed_function_or_prompt_makes_generate_stale(project: Path) -> None:
    config = project / "closedbook.yaml"
    config.write_text(f"{config.read_text()}generate: {{flows: [mine]}}\n")
    (project / "steps").mkdir()
    function = project / "steps" / "own.py"
    function.write_text(
        "from closedbook import step\n\n\n@step('tag')\ndef tag(row):\n    return {'tag': 'a'}\n"
    )
    flow = project / "flows" / "mine.yaml"
    flow.write_text(f"{FLOW}  - call: {{function: tag, makes: [tag]}}\n")
    run = ["run", "generate", "-p", str(project)]
    assert CliRunner().invoke(app, run).exit_code == 0
    assert "nothing" in CliRunner().invoke(app, [*run, "--plan"]).stdout
    for file, old, new in (
        (function, "'a'", "'b'"),
        (project / "prompts/own.md", "pairs", "a pair"),
    ):
        file.write_text(file.read_text().replace(old, new))
        plan = CliRunner().invoke(app, [*run, "--plan"]).stdout
        assert f"changed input: mine: {file.parent.name}/{file.name}" in " ".join(plan.split())
        assert CliRunner().invoke(app, run).exit_code == 0


@pytest.mark.parametrize("which", ["config", "flow"])
def test_schema_prints_json(which: str) -> None:
    printed = CliRunner().invoke(app, ["schema", which])
    assert printed.exit_code == 0
    assert orjson.loads(printed.stdout)["additionalProperties"] is False
