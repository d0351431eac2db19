"""`closedbook icl` in a project: the file is made once, shown in prompts, and then a person's."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from closedbook.checks import find_problems
from closedbook.cli.main import app
from closedbook.errors import InputError, UserError
from closedbook.icl import load_examples
from closedbook.project import Project

FLOW = """\
flow: shown
makes: study
steps:
  - ask: {prompt: shown, into: text}
  - ask: {prompt: plain, into: more}
"""
PLAIN = "## user\n<document>\n{{ document }}\n</document>\n\nA summary."
PROMPTS = {"plain": PLAIN, "shown": f"{PLAIN}\nIn this manner: {{{{ icl_document }}}}"}


@pytest.fixture
def project(small_project: Path) -> Path:
    """Towns have a folder; a flow has one prompt that shows an example and one that does not."""
    for folder in ("flows", "prompts", "documents/towns"):
        (small_project / folder).mkdir()
    documents = small_project / "documents"
    (documents / "heron.md").rename(documents / "towns" / "heron.md")
    (small_project / "flows" / "shown.yaml").write_text(FLOW)
    for name, text in PROMPTS.items():
        (small_project / "prompts" / f"{name}.md").write_text(text)
    return small_project


def opened(project: Path) -> Project:
    return Project.open(project, ["generate.flows=[shown]"])


def command(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["icl", *map(str, arguments)])


def test_examples_come_from_own_documents_of_every_domain(project: Path) -> None:
    made = command("-p", project, "--examples", 2)
    assert made.exit_code == 0
    assert "towns/heron.md (Towns)" in made.stdout
    examples = load_examples(project / "icl.yaml")
    assert [example.domain for example in examples] == ["", "Towns"]
    assert "Heron is a town in Ardland." in examples[1].document
    assert examples[1].source == "towns/heron.md"
    assert find_problems(project) == []
    few = command("-p", project, "--examples", 9, "--set", "icl.file=few.yaml")
    assert "3 examples of 9, all that 3 documents gave" in few.stdout


def test_invented_ones_hold_nothing_of_the_documents(project: Path) -> None:
    assert command("-p", project, "--invented").exit_code == 0
    (example,) = load_examples(project / "icl.yaml")
    assert example.source == ""
    assert "Heron" not in example.document


def test_the_file_is_never_overwritten(project: Path) -> None:
    (project / "icl.yaml").write_text("mine")
    refused = command("-p", project)
    assert refused.exit_code == 2
    assert "icl.yaml exists already" in refused.stderr
    assert (project / "icl.yaml").read_text() == "mine"
    assert command("-p", project, "--set", "icl.file=other.yaml").exit_code == 0
    assert find_problems(project)[0].startswith(f"{project / 'icl.yaml'}:1: ")


def test_where_nothing_comes_out_the_reasons_are_told(project: Path) -> None:
    for file in (project / "documents").rglob("*.*"):
        file.write_text(f"1 2 3 {len(file.name)}\n")
    with pytest.raises(InputError, match=r"no example was made: 3 x draft: nothing offered"):
        opened(project).make_examples()
    assert not (project / "icl.yaml").exists()


def test_a_flow_that_makes_something_else_is_refused(project: Path) -> None:
    with pytest.raises(UserError, match="demonstrations are needed here"):
        opened(project).make_examples("qa")


def test_an_edited_example_makes_generate_stale_and_reasks_only_what_shows_it(
    project: Path,
) -> None:
    def asked() -> tuple[int, int]:
        """Asks of the last generate, and those that were sent."""
        counts = opened(project).run("generate").manifests["generate"].counts
        return int(counts["asks"]), int(counts["asks"] - counts["from_journal"])

    assert asked() == (6, 6)
    opened(project).make_examples(wanted=1)
    (example,) = load_examples(project / "icl.yaml")
    assert [item.why for item in opened(project).plan("generate")]
    assert asked() == (6, 2), "the example's own document has none"
    file = project / "icl.yaml"
    file.write_text(file.read_text().replace(example.document.split()[0], "Mended", 1))
    (planned,) = opened(project).plan("generate")
    assert (planned.stage, planned.why) == ("generate", "changed input: icl")
    assert asked() == (6, 2)
    assert opened(project).plan("generate") == ()
