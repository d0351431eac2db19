"""The size and shape limits of docs/architecture.md, held by reading our own source."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "closedbook"
Function = ast.FunctionDef | ast.AsyncFunctionDef


def body_lines(function: Function) -> int:
    """Lines of a function's body without its docstring."""
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def beyond_the_limits(file: Path, text: str, nodes: list[ast.AST]) -> Iterator[str]:
    if (lines := len(text.splitlines())) > 400:
        yield f"{lines} lines"
    for node in nodes:
        if isinstance(node, Function) and (lines := body_lines(node)) > 60:
            yield f"{node.name}: a body of {lines} lines"
        if isinstance(node, ast.ClassDef):
            if (lines := (node.end_lineno or 0) - node.lineno + 1) > 250:
                yield f"{node.name}: {lines} lines"
            if (methods := sum(isinstance(item, Function) for item in node.body)) > 15:
                yield f"{node.name}: {methods} methods"


def without_a_docstring(file: Path, text: str, nodes: list[ast.AST]) -> Iterator[str]:
    if text.strip() and not any(
        ast.get_docstring(node) for node in nodes if isinstance(node, ast.Module)
    ):
        yield "does not say what it is"


def imports_inside_functions(file: Path, text: str, nodes: list[ast.AST]) -> Iterator[str]:
    """Only the command line, which must answer --help quickly, and the lazy exports of a package
    import the project's modules inside functions."""
    if "cli" in file.parts or file.name == "__init__.py":
        return
    for function in (node for node in nodes if isinstance(node, Function)):
        for node in ast.walk(function):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("closedbook"):
                yield f"{function.name}: imports {node.module}"


def undeclared_names(file: Path, text: str, nodes: list[ast.AST]) -> Iterator[str]:
    """A package that binds public names lists exactly them in a literal `__all__`."""
    if file.name != "__init__.py":
        return
    imported = {
        alias.asname or alias.name
        for node in nodes
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("closedbook")
        for alias in node.names
    }
    declared: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "__all__":
            declared = set(ast.literal_eval(node.value))
    if different := {name for name in imported if not name.startswith("_")} ^ declared:
        yield f"__all__ and imports differ by {', '.join(sorted(different))}"


RULES = [beyond_the_limits, without_a_docstring, imports_inside_functions, undeclared_names]


@pytest.fixture(scope="module")
def broken() -> list[tuple[str, str]]:
    """Name of a rule, and where and how it is broken; every file is read once."""
    files = sorted([*SOURCE.rglob("*.py"), *(ROOT / "tools").rglob("*.py")])
    assert {SOURCE / "__init__.py", SOURCE / "errors.py"} <= set(files)
    found = []
    for file in files:
        text = file.read_text(encoding="utf-8")
        nodes = list(ast.walk(ast.parse(text)))
        for rule in RULES:
            faults = rule(file, text, nodes)
            found += [(rule.__name__, f"{file.relative_to(ROOT)}: {fault}") for fault in faults]
    return found


@pytest.mark.parametrize("rule", [rule.__name__ for rule in RULES])
def test_every_file_keeps_the_rule(rule: str, broken: list[tuple[str, str]]) -> None:
    assert not [fault for name, fault in broken if name == rule]
