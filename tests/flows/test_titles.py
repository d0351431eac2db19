"""Questions that name another document than their own; how a project has them name their source."""

from __future__ import annotations

from pathlib import Path

import pytest

from closedbook import Project
from closedbook.config import load_config
from closedbook.errors import ConfigError
from closedbook.flows.titles import Titles
from closedbook.records import Document, QAPair, Rejection
from closedbook.store.rows import read_rows

TITLES = Titles(
    [
        "Annual Report of 2021",
        "Annual Report of 2022",
        "Ada Ore",
        "Orr Mills: A History by Jon Reef",
        "Leave",
        "Leave > Sick days",
    ]
)
REPORT = Document.make(title="Annual Report of 2022", text="In 2021 all was well.", source="a.md")
MILLS = Document.make(
    title="Orr Mills: A History by Jon Reef", text="Ada Ore led them.", source="b.md"
)
SICK = Document.make(title="Leave > Sick days", text="Ten days.", source="c.md", part_of="Leave")


@pytest.mark.parametrize(
    ("question", "document", "scope", "other"),
    [
        ("What does the Annual Report of 2022 say of 2021?", REPORT, "title", ""),
        ("What does the Annual Report of 2021 say?", REPORT, "title", "Annual Report of 2021"),
        ("What do both, the annual report of 2021 and that of 2022, say?", REPORT, "none", "Annua"),
        ("In Orr Mills: A History, what did Ada Ore lead?", MILLS, "title", ""),
        ("Whom did Ada Ore lead?", MILLS, "none", ""),
        ("Whom did Ada Ore lead?", SICK, "none", "Ada Ore"),
        ("How many sick days of leave are there?", MILLS, "none", ""),
        ('In "Leave", how many days are there?', MILLS, "none", "Leave"),
        ('In "Leave", how many sick days are there?', SICK, "title", ""),
    ],
)
def test_another_documents_title_is_told_from_what_the_own_speaks_of(
    question: str, document: Document, scope: str, other: str
) -> None:
    assert TITLES.misnamed(question, document, scope).startswith(other)
    assert bool(TITLES.misnamed(question, document, scope)) == bool(other)


def pairs(project: Path, *settings: str) -> list[QAPair]:
    Project.open(project, settings).run("generate")
    return list(read_rows(project / "out" / "generate" / "pairs.jsonl", QAPair))


@pytest.mark.parametrize("flow", ["qa", "knowledge-qa", "key-facts"])
def test_the_project_says_how_questions_name_their_source(flow: str, small_project: Path) -> None:
    flows = f"generate.flows=[{flow}]"
    own = pairs(small_project, flows)
    named = pairs(small_project, flows, "generate.question_scope=title")
    assert all(
        any(name in pair.question for name in ("Heron", "Mila Torn", "Orrmills")) for pair in named
    )
    at = ["generate.question_scope=organisation", "generate.organisation=ACME"]
    assert {"ACME" in pair.question for pair in pairs(small_project, flows, *at)} == {True}
    bare = pairs(small_project, flows, "generate.question_scope=none")
    assert not any("ACME" in pair.question or "About" in pair.question for pair in bare)
    assert own == (bare if flow == "qa" else named)


def test_a_flow_may_say_otherwise(small_project: Path) -> None:
    (small_project / "flows").mkdir()
    (small_project / "flows" / "mine.yaml").write_text(
        "flow: mine\nextends: qa\nchange: {naming: {scope: organisation, organisation: ACME}}\n"
    )
    made = pairs(small_project, "generate.flows=[mine]", "generate.question_scope=title")
    assert {"ACME" in pair.question for pair in made} == {True}


def test_an_organisation_needs_its_name(small_project: Path) -> None:
    file = small_project / "closedbook.yaml"
    with file.open("a") as end:
        end.write("generate:\n  question_scope: organisation\n")
    line = len(file.read_text().splitlines())
    with pytest.raises(ConfigError, match=rf":{line}: .*needs generate.organisation"):
        load_config(file)


def test_a_misnamed_question_is_a_rejection_that_names_the_other(small_project: Path) -> None:
    (small_project / "prompts").mkdir()
    (small_project / "prompts" / "study.md").write_text("## user\n[TEXT] {{ document }}")
    (small_project / "steps").mkdir()
    (small_project / "steps" / "odd.py").write_text(
        "from closedbook import step\n\n"
        "@step('odd')\ndef odd(row):\n"
        "    return {'question': 'Who founded Mila Torn?', 'answer': row['title']}\n"
    )
    (small_project / "flows").mkdir()
    (small_project / "flows" / "odd.yaml").write_text(
        "flow: odd\nmakes: pairs\nsteps: [call: {function: odd, makes: [question, answer]}]\n"
    )
    made = pairs(small_project, "generate.flows=[odd]")
    assert sorted(pair.answer for pair in made) == ["Heron", "Mila Torn"]
    (rejection,) = read_rows(small_project / "out" / "generate" / "rejections.jsonl", Rejection)
    assert rejection.reason == "the question names another document"
    assert (rejection.step, rejection.subject, rejection.detail) == (
        "odd/titles",
        "orrmills.txt",
        "Mila Torn",
    )
