"""The file of examples: what is written reads back; what is wrong has its line."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from closedbook.errors import ConfigError
from closedbook.icl import Asked, Example, load_examples
from closedbook.icl.example import write_examples

GOOD = """\
examples:
  - document: A passage.
    fact: {question: Which?, answer: This.}
    theme: {question: What?, answer: All.}
    reasoning:
      question: Why?
      answer: Because.
"""
LINES = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Co", "Cn")), max_size=150
)
TEXTS = st.lists(LINES, min_size=1, max_size=4).map("\n".join).filter(lambda text: text.strip())


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("icl")


@settings(max_examples=60)
@given(texts=st.lists(TEXTS, min_size=3, max_size=3))
def test_whatever_a_teacher_writes_reads_back(texts: list[str], folder: Path) -> None:
    passage, question, answer = texts
    pair = Asked(question=question, answer=answer)
    written = (Example(domain="x", document=passage, fact=pair, theme=pair, reasoning=pair),)
    file = folder / "icl.yaml"
    write_examples(file, written)
    assert load_examples(file) == written


@pytest.mark.parametrize(
    ("change", "line", "said"),
    [
        (("theme: {question: What?, answer: All.}", ""), 2, "'examples.0.theme' is missing"),
        (("question: Why?", "qestion: Why?"), 6, "unknown key 'examples.0.reasoning.qestion'"),
        (("answer: This.", "answer: '  '"), 3, "there is no text"),
        (("A passage.", "[a, b]"), 2, "should be a valid string"),
        (("examples:", "example:"), 1, "did you mean 'examples'?"),
        (("Because.", "Because: yes: no"), 7, "not YAML"),
        ((GOOD, "examples: []\n"), 1, "there is none"),
        ((GOOD, ""), 1, "a file of examples must hold keys and values"),
        (("{question: Which?, answer: This.}", "This."), 3, "'examples.0.fact' must hold keys"),
    ],
)
def test_a_mistake_is_told_with_its_line(
    change: tuple[str, str], line: int, said: str, tmp_path: Path
) -> None:
    file = tmp_path / "icl.yaml"
    file.write_text(GOOD)
    assert len(load_examples(file)) == 1
    file.write_text(GOOD.replace(*change))
    with pytest.raises(ConfigError, match=r"\n?") as caught:
        load_examples(file)
    assert said in str(caught.value)
    assert str(caught.value).startswith(f"{file}:{line}: ")
