"""The size and shape limits of docs/architecture.md, held by reading our own source."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "closedbook"
FILES = sorted([*SOURCE.rglob("*.py"), *(ROOT / "tools").rglob("*.py")])
PACKAGES = sorted(path.parent for path in SOURCE.rglob("__init__.py"))
Function = ast.FunctionDef | ast.AsyncFunctionDef


def tree(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))


def functions(module: ast.Module) -> Iterator[Function]:
    return (node for node in ast.walk(module) if isinstance(node, Function))


def body_lines(function: Function) -> int:
    """Lines of a function's body without its docstring."""
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.relative_to(ROOT).as_posix())
def test_file_keeps_to_the_limits(file: Path) -> None:
    module = tree(file)
    assert len(file.read_text(encoding="utf-8").splitlines()) <= 400
    for function in functions(module):
        assert body_lines(function) <= 60, function.name
    for node in ast.walk(module):
        if isinstance(node, ast.ClassDef):
            assert (node.end_lineno or 0) - node.lineno < 250, node.name
            assert sum(isinstance(item, Function) for item in node.body) <= 15, node.name


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.relative_to(ROOT).as_posix())
def test_module_says_what_it_is(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert not text.strip() or ast.get_docstring(tree(file))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.relative_to(ROOT).as_posix())
def test_first_party_imports_are_at_the_top(file: Path) -> None:
    """Only the command line, which must answer --help quickly, and the lazy exports of a package
    import the project's modules inside functions."""
    if "cli" in file.parts or file.name == "__init__.py":
        return
    for function in functions(tree(file)):
        for node in ast.walk(function):
            if isinstance(node, ast.ImportFrom):
                assert not (node.module or "").startswith("closedbook"), function.name


@pytest.mark.parametrize("package", PACKAGES, ids=lambda path: path.relative_to(SOURCE).as_posix())
def test_exported_names_are_declared(package: Path) -> None:
    """A package that binds public names lists exactly them in a literal `__all__`."""
    module = tree(package / "__init__.py")
    imported = {
        alias.asname or alias.name
        for node in ast.walk(module)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("closedbook")
        for alias in node.names
    }
    declared: set[str] = set()
    for node in module.body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "__all__":
            declared = set(ast.literal_eval(node.value))
    assert {name for name in imported if not name.startswith("_")} == declared
