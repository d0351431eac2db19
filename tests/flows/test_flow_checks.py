"""Everything `check` finds in the language's keys, with its line; all of a file at once."""

from __future__ import annotations

from typing import Any

import pytest

from closedbook.flows import Given, check_flow

FLOW = """\
flow: mine
makes: pairs
expects: {asks: 3, rows: 6}
steps:
  - ask: {prompt: summary, into: summary}
  - melt: {columns: [summary, document], value: passage, variable: view}
  - ask:
      prompt: ask
      parse: {json: [question]}
  - sample: {rows: 2}
  - ask: {prompt: answer, into: draft, reasoning: keep}
  - ask: {prompt: refine, continues: answer, into: answer, model: judge, thinking: true}
  - ask:
      prompt: judge
      parse:
        tags: [why, faithful]
        optional: [why]
        blocks: one
        choices: {faithful: ['YES', 'NO'], }
  - filter: {where: "faithful == 'YES'", reason: unfaithful}
  - set: {question: "In {{ title }}: {{ question }}", kind: "{{ view }}"}
  - copy: {context: passage}
  - rename: {thoughts: reasoning}
  - drop: [why, draft]
  - call: {function: measure, makes: [size]}
"""
FILES = {
    "flows/mine.yaml": FLOW,
    "prompts/summary.md": "## user\nSUMMARY {{ outline }} {{ domain }} {{ document }}\n",
    "prompts/ask.md": '## user\nASK {{ passage }}\nas JSON: [{"question": "..."}]\n',
    "prompts/answer.md": "## system\nBe good.\n## user\nANSWER {{ question }}\n",
    "prompts/refine.md": "## user\nREFINE it.\n",
    "prompts/judge.md": "## user\nJUDGE {{ answer }}\n[WHY] ...\n[FAITHFUL] YES or NO\n",
    "steps/own.py": "from closedbook import step\n\n\n@step('measure')\n"
    "def measure(row):\n    return {'size': len(row['answer'])}\n",
}
F = "flows/mine.yaml"
DROP, SHORT = "  - drop: [why, draft]", "  - drop: [why]"


def test_a_flow_of_every_kind_of_step_is_right(lab: Any) -> None:
    lab.write(FILES)
    assert lab.problems() == []


@pytest.mark.parametrize(
    ("file", "old", "new", "problem"),
    [
        (F, "into: summary", "intoo: summary", ":5: unknown key 'intoo' (did you mean 'into'?)"),
        (F, "into: summary", "into: s, parse: {tags: [a]}", ":5: give either into: COLUMN or pa"),
        (F, "into: summary", "into: title", ":5: the column 'title' exists already (take anothe"),
        (F, "value: passage", "value: title", ":6: the column 'title' exists already"),
        (F, "[summary, doc", "[sumary, doc", ":6: no column 'sumary' at this step (did you mean"),
        (F, "variable: view", "varable: view", ":6: unknown key 'varable' (did you mean 'variab"),
        (F, "[question]}", "[question, topic]}", ":9: the prompt never names 'topic' (say in the"),
        (F, "[question]}", "[summary]}", ":9: the column 'summary' exists already"),
        (F, "{json: [question]}", "{}", ":9: give one of tags: [...], json: [...], parser: NAME"),
        (F, "{json: [question]}", "{parser: mine}", ":9: parser: NAME and makes: [COLUMNS] belo"),
        (F, "{json: [question]}", "{parser: x, makes: [question]}", ":9: no parser 'x' (known "),
        ("prompts/ask.md", "JSON", "list", "F:9: the prompt never says JSON"),
        (F, "rows: 2}", "rows: 0}", ":10: 'steps.3.sample.rows': Input should be gr"),
        (F, "  - sample", "  - drop: [view]\n  - sample", ":11: sample follows ask, call or melt"),
        (F, "reasoning: keep", "reasoning: kept", ":11: 'steps.4.ask.reasoning': Input should be"),
        (F, "continues: answer", "continues: judge", ":12: no ask before this one is named 'jud"),
        (F, "continues: answer", "continues: melt", ":12: no ask before this one is named 'melt"),
        (F, "model: judge", "model: juge", ":12: no model 'juge' (did you mean 'judge'?)"),
        (F, "thinking: true", "thinking: much", ":12: 'steps.5.ask.thinking': Input should be a v"),
        ("prompts/refine.md", "## user", "## system\nx\n## user", "F:12: a prompt that continue"),
        (F, "tags: [why, faithful]", "tags: [because, why, faithful]", ":16: the prompt never s"),
        ("prompts/judge.md", "[WHY]", "why", "F:16: the prompt never says [WHY] (say in the p"),
        (F, "optional: [why]", "optional: [reason]", ":15: 'reason' is in optional or choices, b"),
        (F, "blocks: one", "blocks: two", ":18: 'steps.6.ask.parse.blocks': Input should be 'one'"),
        (F, "['YES', 'NO'],", "['YES', 'MAYBE'],", ":19: the prompt never mentions the choice 'M"),
        (F, "['YES', 'NO'],", "[YES, NO],", ":19: write 'YES' and 'NO' in quotes, or YAML reads"),
        (F, "['YES', 'NO'],", "['YES', 'yes'],", ":15: choices of 'faithful': give at least two"),
        (F, "where: \"faithful", "where: \"faithfull", ":20: no column 'faithfull' at this step"),
        (F, "In {{ title }}", "In {{ titel }}", ":21: no column 'titel' at this step (did you m"),
        (F, "In {{ title }}", "In {{ title", ":21: question: "),
        (F, "set: {question", "set: {title", ":21: the column 'title' exists already"),
        (F, "context: passage", "context: pasage", ":22: no column 'pasage' at this step (did"),
        (F, "context: passage", "view: passage", ":22: the column 'view' exists already"),
        (F, "thoughts: reas", "thoughts: res", ":23: no column 'resoning' at this step (did y"),
        (F, "thoughts: reas", "view: reas", ":23: the column 'view' exists already"),
        (F, "drop: [why", "drop: [reasoning", ":24: no column 'reasoning' at this step"),
        (F, "drop: [why", "drop: [question", ":2: makes: pairs needs a column 'question'"),
        (F, "function: measure", "function: mesure", ":25: no function 'mesure' (did you"),
        (F, "makes: [size]", "makes: [answer]", ":25: the column 'answer' exists already"),
        (F, "makes: [size]", "makes: []", ":25: steps.12.call.makes: at least one is needed"),
        (F, "{asks: 3, rows: 6}", "{asks: 3, row: 6}", ":3: the key 'rows' is missing (add it)"),
        (F, "makes: pairs", "makes: demonstrations", ""),
        (F, DROP, DROP + "\n    before: x", ":25: 'before' with"),
        (F, "expects:", "change: {answer: {samples: 2}}\nexpects:", ":3: 'change' without extends"),
        (F, DROP, SHORT + "\n    name: judge", ":25: two steps are named"),
        (F, DROP, SHORT + "\n    name: a b", ":25: steps.11.name: 'a b' is no name (lett"),
        (F, DROP, SHORT + "\n    copy: {a: b}", ":24: a step is one of:"),
    ],
)  # fmt: skip
def test_a_mistake_is_found_at_its_line(
    lab: Any, file: str, old: str, new: str, problem: str
) -> None:
    assert old in FILES[file]
    lab.write({**FILES, file: FILES[file].replace(old, new, 1)})
    found = lab.problems()
    if not problem:
        assert found == []
        return
    expected = problem.replace("F:", f"{F}:") if problem.startswith("F:") else f"{F}{problem}"
    assert any(line.startswith(expected) for line in found), found


def test_all_problems_are_told_at_once(lab: Any) -> None:
    lab.write(FILES)
    text = FLOW.replace("[summary, doc", "[sumary, doc").replace("model: judge", "model: juge")
    text = text.replace("function: measure", "function: mesure").replace("titel", "title")
    lab.write({F: text, "prompts/refine.md": "## user\nREFINE {{ it }}\n"})
    places = [problem.split(": ")[0] for problem in lab.problems()]
    assert places == [f"{F}:6", f"{F}:12", "prompts/refine.md:2", f"{F}:25"]
    lab.write({F: text.replace("rows: 2}", "row: 2}").replace("into: summary", "info: summary")})
    assert [problem.split(": ")[0] for problem in lab.problems()] == [
        f"{F}:5",
        f"{F}:10",
        f"{F}:10",
    ]


def test_roles_and_columns_can_be_added_to_what_is_given(lab: Any) -> None:
    prompt = "## user\nSUMMARY {{ audience }} {{ document }}\n"
    flow = FLOW.replace("model: judge", "model: editor")
    lab.write({**FILES, F: flow, "prompts/summary.md": prompt})
    assert len(lab.problems()) == 2
    given = Given(("document", "title", "audience"), ("teacher", "editor"))
    assert check_flow("mine", lab.folder, given) == []


def test_a_tag_may_be_asked_for_earlier_in_the_conversation(lab: Any) -> None:
    flow = """\
flow: mine
makes: study
steps:
  - ask: {prompt: first, into: draft}
  - ask: {prompt: second, continues: first, parse: {tags: [text]}}
"""
    second = "## user\nSECOND, in the same form.\n"
    lab.write({F: flow, "prompts/second.md": second})
    lab.write({"prompts/first.md": "## user\nFIRST {{ document }}\n[TEXT] ... [END]\n"})
    assert lab.problems() == []
    lab.write({"prompts/first.md": "## user\nFIRST {{ document }}\n"})
    assert [problem[:45] for problem in lab.problems()] == [
        "flows/mine.yaml:5: the prompt never says [TEX"
    ]


def test_a_broken_file_of_functions_is_told_once_with_its_line(lab: Any) -> None:
    call = "  - call: {function: measure, makes: [size]}\n"
    lab.write({**FILES, F: FLOW + call.replace("[size]", "[height]")})
    lab.write({"steps/own.py": "from closedbook import step\n\nprint(1 / 0)\n"})
    problem = "steps/own.py:3: ZeroDivisionError: division by zero (mend the file)"
    assert lab.problems() == [problem]
    lab.write({"steps/own.py": "def measure(row:\n"})
    assert lab.problems()[0].startswith("steps/own.py:1: SyntaxError: ")


def test_a_variable_that_a_prompt_asks_about_may_be_missing(lab: Any) -> None:
    files = {
        "flows/mine.yaml": "flow: mine\nmakes: study\nsteps:\n  - ask: {prompt: p, into: text}\n",
        "prompts/p.md": "## user\n{% if note is defined and note %}{{ note }}{% endif %}x",
    }
    lab.write(files)
    assert lab.problems() == []
    lab.write({"prompts/p.md": "## user\n{% if note is defined %}{{ nott }}{% endif %}x"})
    assert "nothing named 'nott' exists" in lab.problems()[0]
