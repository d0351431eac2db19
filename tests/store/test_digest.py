"""What counts as the content of a folder."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from closedbook.store import digest_path, visible_files


def test_names_and_contents_count_hidden_files_do_not(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("one")
    first = digest_path(tmp_path)
    (tmp_path / ".notes").write_text("x")
    (tmp_path / ".hidden").mkdir()
    (tmp_path / ".hidden" / "b.md").write_text("x")
    assert digest_path(tmp_path) == first
    (tmp_path / "a.md").rename(tmp_path / "b.md")
    assert digest_path(tmp_path) != first


def test_what_a_link_leads_to_counts_once_even_in_a_loop(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    folder = tmp_path / "documents"
    elsewhere.mkdir()
    folder.mkdir()
    (elsewhere / "a.md").write_text("one")
    (folder / "link").symlink_to(elsewhere)
    (folder / "loop").symlink_to(folder)
    assert [file.name for file in visible_files(folder)] == ["a.md"]
    before = digest_path(folder)
    (elsewhere / "a.md").write_text("two")
    assert digest_path(folder) != before


def test_nothing_there_is_an_empty_digest(tmp_path: Path) -> None:
    assert digest_path(tmp_path / "gone") == ""


def test_a_name_need_not_be_text(tmp_path: Path) -> None:
    before = digest_path(tmp_path)
    try:
        (tmp_path / os.fsdecode(b"caf\xe9.md")).write_text("one")
    except OSError:
        pytest.skip("this filesystem takes no such name")
    assert digest_path(tmp_path) != before
