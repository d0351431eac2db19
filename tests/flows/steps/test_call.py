"""call, and parse: {parser: ...}: a user's own functions, whatever they do."""

from __future__ import annotations

from typing import Any

import pytest

FLOW = """\
flow: mine
makes: study
steps:
  - call: {function: own, makes: [text, size]}
"""
HEAD = "from closedbook import ParseError, StepError, parser, step\n@step('own')\ndef own(row):\n"
COULD_NOT = "the step could not use the row"


def test_a_row_or_several(lab: Any, scripted: Any) -> None:
    body = (
        "    assert row['document'] == 'd'\n    return {'text': row['title'], 'size': 3, 'x': 1}\n"
    )
    lab.write({"flows/mine.yaml": FLOW, "steps/own.py": HEAD + body})
    (row,) = lab.run(scripted({})).rows
    assert (row.columns["text"], row.columns["size"], "x" in row.columns) == ("T", "3", False)
    body = "    return [{'text': t, 'size': ['a', 'b']} for t in 'xy']\n"
    lab.write({"steps/own.py": HEAD + body})
    rows = lab.run(scripted({})).rows
    assert [(r.columns["text"], r.columns["size"]) for r in rows] == [("x", "a\nb"), ("y", "a\nb")]


@pytest.mark.parametrize(
    ("body", "reason", "detail"),
    [
        ("    return None\n", "the function gave nothing", ""),
        ("    return []\n", "the function gave nothing", ""),
        ("    return {'text': 't'}\n", "a part is missing", "the function gave no 'size'"),
        ("    return 'text'\n", "not columns", "the function gave 'text', not a mapping"),
        ("    return 1 / 0\n", COULD_NOT, "ZeroDivisionError: division by zero"),
        ("    row['title'] = 'x'\n", COULD_NOT, "TypeError: 'mappingproxy' object does not sup"),
        ("    raise StepError('too short', hint='3 words')\n", "too short", "3 words"),
        ("    raise ParseError('no list')\n", COULD_NOT, "no list"),
    ],
)
def test_a_function_that_gives_no_row(
    lab: Any, scripted: Any, body: str, reason: str, detail: str
) -> None:
    lab.write({"flows/mine.yaml": FLOW, "steps/own.py": HEAD + body})
    given = lab.run(scripted({}))
    assert not given.rows
    ((found),) = given.rejections
    assert (found.step, found.reason) == ("mine/call", reason)
    assert found.detail.startswith(detail)


def test_a_parser_reads_replies(lab: Any, scripted: Any) -> None:
    lab.write(
        {
            "flows/mine.yaml": "flow: mine\nmakes: pairs\nsteps:\n  - ask:\n      prompt: ask\n"
            "      parse: {parser: numbered, makes: [question, answer]}\n",
            "prompts/ask.md": "## user\nASK {{ document }}\n",
            "steps/reading.py": "from closedbook import ParseError, parser\n\n\n"
            "@parser('numbered')\ndef numbered(text):\n"
            "    lines = [line.split('. ', 1) for line in text.splitlines()]\n"
            "    if any(len(line) < 2 for line in lines):\n"
            "        raise ParseError('a line has no number')\n"
            "    return [{'question': line[1], 'answer': line[0]} for line in lines]\n",
        }
    )
    rows = lab.run(scripted({"ASK": "1. one\n2. two"})).rows
    assert [row.columns["question"] for row in rows] == ["one", "two"]
    teacher = scripted({"ASK": "one", "That": "1. one"})
    assert len(lab.run(teacher).rows) == 1
    wish = "That reply cannot be used: a line has no number. Give it again"
    assert teacher.requests[-1].messages[-1].content.startswith(wish)
    (found,) = lab.run(scripted({"ASK": "one", "That": "two"})).rejections
    assert (found.reason, found.detail, found.raw) == (
        "not in the form asked for",
        "a line has no number",
        "two",
    )
