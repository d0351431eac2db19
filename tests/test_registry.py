"""Plugins: by decorator, from a project's folder, from an installed package."""

from __future__ import annotations

import sys
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from closedbook import registry
from closedbook.errors import UserError
from closedbook.registry import Registry, load_folder


def test_a_package_announces_a_plugin(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "shipped_filters.py").write_text("def short(pair):\n    return 'too short'\n")
    monkeypatch.syspath_prepend(tmp_path)
    point = EntryPoint("short", "shipped_filters:short", "closedbook.filters")

    def entry_points(*, group: str, name: str = "short") -> list[EntryPoint]:
        return [point] if (group, name) == (point.group, point.name) else []

    monkeypatch.setattr(registry, "entry_points", entry_points)
    filters: Registry[object] = Registry("filters", "filter")
    assert filters.get("short") is sys.modules["shipped_filters"].short
    message = r"no filter 'shrt' \(did you mean 'short'\?\)"
    for registry_of_one in (filters, Registry[object]("filters", "filter")):
        with pytest.raises(UserError, match=message):
            registry_of_one.get("shrt")


def test_a_folder_without_files_adds_nothing(tmp_path: Path) -> None:
    assert load_folder(tmp_path / "absent") == []


def test_a_later_registration_wins() -> None:
    numbers: Registry[int] = Registry("numbers", "number")
    numbers.register("one")(1)
    numbers.register("one")(2)
    assert numbers.get("one") == 2
    assert list(numbers) == ["one"]


@pytest.mark.parametrize("text", ["one = 1\n\ntwo = one /\n", "one = 1\n\ntwo = one / 0\n"])
def test_a_broken_file_is_told_with_its_line_from_any_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, text: str
) -> None:
    (tmp_path / "steps").mkdir()
    (tmp_path / "steps" / "own.py").write_text(text)
    monkeypatch.chdir(tmp_path)
    for folder in (Path("steps"), tmp_path / "steps"):
        with pytest.raises(UserError) as told:
            load_folder(folder)
        assert str(told.value).startswith(f"{folder / 'own.py'}:3: ")
