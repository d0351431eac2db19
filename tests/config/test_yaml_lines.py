"""YAML with lines: what was written where, and what is no YAML."""

from __future__ import annotations

from pathlib import Path

import pytest

from closedbook.config.yaml_lines import load_yaml
from closedbook.errors import ConfigError, FlowError

TEXT = """\
# a comment
teacher:
  kind: endpoint

  model: some
steps:
  - ask: {prompt: qa,
          samples: 3}
  - filter:
      where: x
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "some.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_every_key_and_item_has_its_line(tmp_path: Path) -> None:
    data, line_of = load_yaml(written(tmp_path, TEXT))
    assert data["steps"][0] == {"ask": {"prompt": "qa", "samples": 3}}
    assert line_of(("teacher",)) == 2
    assert line_of(("teacher", "model")) == 5
    assert line_of(("steps", 0, "ask", "samples")) == 8
    assert line_of(("steps", 1, "filter", "where")) == 10


def test_what_was_not_written_has_the_line_of_what_holds_it(tmp_path: Path) -> None:
    _, line_of = load_yaml(written(tmp_path, TEXT))
    assert line_of(("teacher", "api_key")) == 2
    assert line_of(("steps", 1, "filter", "reason")) == 9
    assert line_of(("nowhere",)) == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\nb: [1, 2\n", ":3: not YAML"),
        ("a: 1\nb: 2\na: 3\n", ":3: the key 'a' is there twice"),
    ],
)
def test_a_mistake_is_an_error_with_its_line(tmp_path: Path, text: str, message: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(FlowError, match=f"^{path}{message}"):
        load_yaml(path, FlowError)


def test_a_file_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="No such file"):
        load_yaml(tmp_path / "absent.yaml")
    (tmp_path / "latin.yaml").write_bytes("a: é".encode("latin-1"))
    with pytest.raises(ConfigError, match="not UTF-8"):
        load_yaml(tmp_path / "latin.yaml")


def test_an_empty_file_holds_nothing(tmp_path: Path) -> None:
    data, line_of = load_yaml(written(tmp_path, ""))
    assert data is None
    assert line_of(("x",)) == 1
