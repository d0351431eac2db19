"""From `mix` of an arm to its sources: the recipe's file, with the arm's own shares.

A name is looked up in the project's `recipes/`, then among the shipped ones; a name that ends in
.yaml is a path below the project folder. Mistakes are ConfigErrors with file and line.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

from closedbook.config import Mix, Recipe
from closedbook.config.strict_file import read_strictly
from closedbook.config.written import mistake
from closedbook.config.yaml_lines import KeyPath
from closedbook.errors import ConfigError
from closedbook.hints import did_you_mean

SHIPPED = Path(__file__).parent / "recipes"
FOLDER = "recipes"


def load_recipe(settings: Mix, arm: str, project: Path, flows: Sequence[str]) -> Recipe:
    """The sources of an arm with the shares that hold for it; those without a share are left out.

    `flows` are the names of those that generate. Raises ConfigError.
    """
    file = _find(settings.recipe, arm, project)
    recipe, line_of = read_strictly(file, Recipe, "a recipe")
    for number, source in enumerate(recipe.sources):
        for place, flow in enumerate(source.flows):
            if flow not in flows:
                line = line_of(("sources", number, "flows", place))
                message = f"no flow {flow!r} generates anything"
                raise ConfigError(message, file=file, line=line, hint=did_you_mean(flow, flows))
    shares: Mapping[str, float | Literal["all"]]
    shares = settings.shares or {source.name: source.share for source in recipe.sources}
    names = [source.name for source in recipe.sources]
    for name in shares:
        if name not in names:
            message = f"the recipe {recipe.recipe!r} has no source {name!r}"
            raise _in_config(project, arm, ("shares", name), message, did_you_mean(name, names))
    sources = [
        source.model_copy(
            update={"share": shares[source.name], **_repeated(settings, shares[source.name])}
        )
        for source in recipe.sources
        if shares.get(source.name, 0) != 0
    ]
    return recipe.model_copy(update={"sources": tuple(sources)})


def recipe_files(project: Path) -> Mapping[str, Path]:
    """Every recipe that can be named."""
    folders = (SHIPPED, project / FOLDER)
    return {file.stem: file for folder in folders for file in sorted(folder.glob("*.yaml"))}


def _find(name: str, arm: str, project: Path) -> Path:
    if name.endswith((".yaml", ".yml")) and (project / name).is_file():
        return project / name
    files = recipe_files(project)
    if name not in files:
        hint = did_you_mean(name, files)
        raise _in_config(project, arm, ("recipe",), f"no recipe {name!r}", hint)
    return files[name]


def _repeated(settings: Mix, share: float | Literal["all"]) -> dict[str, bool]:
    """What is `all` is one pass."""
    return {} if settings.repeat is None or share == "all" else {"repeat": settings.repeat}


def _in_config(project: Path, arm: str, key: KeyPath, message: str, hint: str) -> ConfigError:
    """At the line of `mix` where it was written: the arm's, else that of all."""
    paths = [("arms", arm, "mix", *key), ("mix", *key)]
    return mistake(project, paths, f"mix.{key[0]}: {message}", hint)
