"""Functions, flows and prompts of projects and packages: found, and among a flow's files."""

from __future__ import annotations

import sys
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest

from closedbook import registry
from closedbook.flows import all_flows, load_flow, places
from closedbook.flows.plugins import PARSERS, STEPS

FLOW = """\
flow: shipped
makes: study
steps:
  - ask: {prompt: study, into: draft}
  - call: {function: shout, makes: [text]}
"""


SHOUT = "def shout(row):\n    return {'text': row['draft'] + '!'}\n"
PARSER = "from closedbook import parser\n@parser('p')\ndef p(text):\n    return []\n"
STEP = "from closedbook import step\n@step('s')\ndef s(row):\n    return None\n"


@pytest.fixture
def package(lab: Any, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package that ships a flow, a prompt and a function."""
    for name in [name for name in sys.modules if name.startswith("handbook")]:
        monkeypatch.delitem(sys.modules, name)
    lab.write(
        {
            "site/handbook/__init__.py": "",
            "site/handbook/functions.py": SHOUT,
            "site/handbook/flows/shipped.yaml": FLOW,
            "site/handbook/flows/prompts/study.md": "## user\nSTUDY {{ document }}\n",
            "site/handbook/prompts/other.md": "## user\nOTHER {{ document }}\n",
        }
    )
    monkeypatch.syspath_prepend(lab.folder / "site")
    points = [
        EntryPoint("shout", "handbook.functions:shout", "closedbook.steps"),
        EntryPoint("broken", "handbook.absent:x", "closedbook.steps"),
        EntryPoint("handbook", "handbook.flows", "closedbook.flows"),
        EntryPoint("handbook", "handbook.prompts", "closedbook.prompts"),
    ]

    def announced(group: str) -> list[EntryPoint]:
        return [point for point in points if point.group == group]

    monkeypatch.setattr(registry, "announced", announced)
    monkeypatch.setattr(places, "announced", announced)
    return Path(lab.folder / "site" / "handbook")


def test_a_package_ships_a_flow_its_prompts_and_functions(
    lab: Any, scripted: Any, package: Path
) -> None:
    assert all_flows(lab.folder)["shipped"] == package / "flows/shipped.yaml"
    assert load_flow("shipped", lab.folder).files == (
        package / "flows/shipped.yaml",
        package / "flows/prompts/study.md",
        package / "functions.py",
    )
    (row,) = lab.run(scripted({"STUDY": "text"}), "shipped").rows
    assert row.columns["text"] == "text!"


def test_a_project_uses_a_packages_prompt_and_extends_its_flow(lab: Any, package: Path) -> None:
    own = "flow: mine\nextends: shipped\nchange: {study: {prompt: other}}\n"
    lab.write({"flows/mine.yaml": own})
    assert lab.problems() == []
    prompt = load_flow("mine", lab.folder).parts[0].prompt
    assert prompt == package / "prompts/other.md"
    lab.write({"prompts/other.md": "## user\nMINE {{ document }}\n"})
    assert load_flow("mine", lab.folder).parts[0].prompt == lab.folder / "prompts/other.md"


def test_a_packages_broken_function_is_told(lab: Any, package: Path) -> None:
    lab.write({"flows/mine.yaml": FLOW.replace("shout", "broken").replace(": study,", ": other,")})
    assert lab.problems() == [
        "the function 'broken' of a package (handbook.absent:x): ModuleNotFoundError: No module"
        " named 'handbook.absent' (mend or remove the package)"
    ]


def test_a_shipped_name_means_the_shipped_flow_whatever_is_installed(
    lab: Any, package: Path
) -> None:
    lab.write({"site/handbook/flows/qa.yaml": FLOW})
    assert all_flows(lab.folder)["qa"] == places.LIBRARY / "qa.yaml"


def test_files_of_functions_and_prompts_are_among_a_flows_files(lab: Any) -> None:
    lab.write(
        {
            "flows/mine.yaml": "flow: mine\nmakes: study\nsteps:\n"
            "  - ask: {prompt: a, parse: {parser: p, makes: [draft]}}\n"
            "  - call: {function: s, makes: [text]}\n",
            "prompts/a.md": "## user\nA {{ document }}\n",
            "steps/one.py": PARSER,
            "steps/two.py": STEP,
        }
    )
    names = ["mine.yaml", "a.md", "one.py", "two.py"]
    assert [file.name for file in load_flow("mine", lab.folder).files] == names
    assert "s" in STEPS
    assert "p" in PARSERS


def test_an_edited_function_is_read_again(lab: Any, scripted: Any) -> None:
    flow = "flow: mine\nmakes: study\nsteps: [{call: {function: s, makes: [text]}}]\n"
    head = "from closedbook import step\n@step('s')\ndef s(row):\n"
    for text in ("one", "another"):
        lab.write(
            {"flows/mine.yaml": flow, "steps/s.py": f"{head}    return {{'text': '{text}'}}\n"}
        )
        assert lab.run(scripted({})).rows[0].columns["text"] == text
