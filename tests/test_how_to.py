"""Every block of the how-to pages is used as a reader would: files are written, commands run, in
order, in a small project of their own. A `text` block is in what the command before it printed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from closedbook.flows.spec import Spec

ROOT = Path(__file__).parents[1]
PAGES = sorted((ROOT / "docs" / "how-to").glob("*.md"))
BLOCK = re.compile(
    r"(?:`(?P<file>[\w./-]+)`:\n\n)?^```(?P<language>\w+)\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
COMMAND = f'{sys.executable} -c "from closedbook.cli.main import app; app()"'
PIP = f"{sys.executable} -m pip --disable-pip-version-check install --quiet"


def shell(script: str, folder: Path) -> str:
    """Run a script in the tests' own environment; nothing is downloaded or installed in it."""
    site = folder / "site"
    script = script.replace(
        "pip install ", f"{PIP} --no-build-isolation --no-index --no-deps --target {site} "
    )
    script = f'closedbook() {{ {COMMAND} "$@"; }}\n{script}'
    paths = [str(site), *filter(None, [os.environ.get("PYTHONPATH")])]
    done = subprocess.run(
        ["bash", "-eu", "-o", "pipefail", "-c", script],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{script}\n{done.stdout}\n{done.stderr}"
    return done.stdout + done.stderr


def blocks(page: Path) -> Iterator[re.Match[str]]:
    return BLOCK.finditer(page.read_text(encoding="utf-8"))


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_works_from_beginning_to_end(page: Path, small_project: Path) -> None:
    printed, used = "", 0
    for block in blocks(page):
        used += 1
        if block["file"]:
            file = small_project / block["file"]
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(block["text"], encoding="utf-8")
        elif block["language"] == "text":
            for line in block["text"].splitlines():
                assert line in printed
        else:
            assert block["language"] == "bash", "neither a file nor a command"
            printed = shell(block["text"], small_project)
    assert used == page.read_text(encoding="utf-8").count("\n```") / 2


def test_stripping_thinking_parsing_pairs_and_a_new_teacher_take_at_most_ten_lines_each() -> None:
    flows = [b["text"] for b in blocks(ROOT / "docs/how-to/teachers.md") if b["language"] == "yaml"]
    assert len(flows) >= 5
    assert any("profile: " in text for text in flows)
    for text in flows:
        assert yaml.safe_load(text)
        assert len(text.splitlines()) <= 10


@pytest.mark.parametrize(
    "key",
    sorted(
        {
            field.alias or name
            for section in Spec.__subclasses__()
            for name, field in section.model_fields.items()
        }
    ),
)
def test_every_key_of_flows_is_in_the_reference(key: str) -> None:
    page = (ROOT / "docs" / "flows.md").read_text(encoding="utf-8")
    assert re.search(rf"`{key}`|\b{key}:", page)
