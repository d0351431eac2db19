"""Where flows and prompts are found: in the project, in installed packages, among the shipped ones.

A name is looked up in the project's own folder first, so that a file there stands in for a shipped
one. A package announces a folder by an entry point `closedbook.flows` or `closedbook.prompts` that
names one of its packages.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from importlib.util import find_spec
from pathlib import Path

from closedbook.errors import FlowError
from closedbook.hints import did_you_mean
from closedbook.registry import announced

LIBRARY = Path(__file__).parent / "library"
FLOW_SUFFIXES = (".yaml", ".yml")


def flow_folders(project: Path) -> list[Path]:
    """Folders of flows, the project's own first."""
    return [project / "flows", LIBRARY, *_announced("flows")]


def prompt_folders(project: Path, beside: Path) -> list[Path]:
    """Folders of prompts for a flow file in the folder `beside`: the project's own, those that came
    with the flow, the shipped ones, packages'."""
    folders = [project / "prompts", beside / "prompts", LIBRARY / "prompts", *_announced("prompts")]
    return list(dict.fromkeys(folders))


def find_flow(name: str, project: Path, without: Collection[Path] = ()) -> Path:
    """The file of a flow; a name that ends in .yaml is a path below the project. Raises FlowError
    where there is none other than `without`."""
    if name.endswith(FLOW_SUFFIXES):
        return project / name
    folders = flow_folders(project)
    for folder in folders:
        if (path := folder / f"{name}.yaml").is_file() and path not in without:
            return path
    known = [p.stem for folder in folders for p in folder.glob("*.yaml") if p not in without]
    raise FlowError(
        "no such flow",
        file=project / "flows" / f"{name}.yaml",
        hint=did_you_mean(name, known),
    )


def all_flows(project: Path) -> dict[str, Path]:
    """Every flow that can be named, by name."""
    found: dict[str, Path] = {}
    for folder in flow_folders(project):
        for path in sorted(folder.glob("*.yaml")):
            found.setdefault(path.stem, path)
    return found


def is_flow(name: str, project: Path) -> bool:
    """Whether there is a file for it, right or wrong."""
    return (project / name).is_file() or name in all_flows(project)


def _announced(kind: str) -> Iterator[Path]:
    """Folders of installed packages; found without running their code."""
    for point in sorted(announced(f"closedbook.{kind}"), key=lambda point: point.name):
        spec = find_spec(point.value)
        for folder in (spec and spec.submodule_search_locations) or ():
            yield Path(folder)
