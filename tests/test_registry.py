"""Plugins: by decorator, from a project's folder, from an installed package."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from closedbook.errors import UserError
from closedbook.registry import Registry, load_folder


def test_a_package_announces_a_plugin(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "shipped_shades.py").write_text("def short(pair):\n    return 'too short'\n")
    installed = tmp_path / "shipped_shades-1.0.dist-info"
    installed.mkdir()
    (installed / "METADATA").write_text("Metadata-Version: 2.1\nName: shipped_shades\n")
    announced = "[closedbook.shades]\nshort = shipped_shades:short\ntall = absent:tall\n"
    (installed / "entry_points.txt").write_text(announced)
    monkeypatch.syspath_prepend(tmp_path)
    shades: Registry[object] = Registry("shades", "shade")
    assert shades.get("short") is sys.modules["shipped_shades"].short
    message = r"no shade 'shrt' \(did you mean 'short'\?\)"
    for registry_of_one in (shades, Registry[object]("shades", "shade")):
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
