"""A flow in the making: the columns, names and files so far, and what is wrong with it.

Steps are built one after the other, each at a `Site` that knows where it was written. Knows columns
and places; what a kind of step needs is its own.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from jinja2 import Template, TemplateSyntaxError

from closedbook.config import Config, EndpointTeacher, Teacher
from closedbook.errors import FlowError, UserError
from closedbook.flows.condition import Condition
from closedbook.flows.places import prompt_folders
from closedbook.flows.plugins import Function, Plugins, source_of
from closedbook.flows.prompts import Prompt, compiled, load_prompt, undeclared
from closedbook.flows.spec import ROLES, SOURCE_COLUMNS, FlowSpec
from closedbook.flows.written import Node
from closedbook.hints import did_you_mean
from closedbook.models.teacher import teacher_profile
from closedbook.registry import Registry


@dataclass(frozen=True, slots=True)
class Given:
    """What a flow may count on: the columns of every source row, the models' roles, and which of
    them never think."""

    columns: tuple[str, ...] = SOURCE_COLUMNS
    roles: tuple[str, ...] = ROLES
    thoughtless: tuple[str, ...] = ()

    @classmethod
    def of(cls, config: Config | None, project: Path) -> Self:
        """With the roles that a config defines."""
        if config is None:
            return cls()
        roles = tuple(dict.fromkeys([*ROLES, *config.models]))
        asked = {role: config.models.get(role, config.teacher) for role in roles}
        return cls(
            roles=roles,
            thoughtless=tuple(
                role for role, settings in asked.items() if _never_thinks(settings, project)
            ),
        )


def _never_thinks(settings: Teacher, project: Path) -> bool:
    """False where the profile is wrong: that is told elsewhere."""
    if not isinstance(settings, EndpointTeacher):
        return False
    try:
        return teacher_profile(settings, project).profile.thinking.never
    except UserError:
        return False


@dataclass(slots=True)
class Building:
    """The flow that is being built. `columns` exist at the next step; `asks` are the prompts of
    every ask so far, with those it continues."""

    spec: FlowSpec
    node: Node
    project: Path
    given: Given
    plugins: Plugins
    files: list[Path]
    columns: list[str]
    problems: list[UserError] = field(default_factory=list)
    asks: dict[str, tuple[Prompt, ...]] = field(default_factory=dict)

    @property
    def continued(self) -> set[str]:
        """Names of the asks whose conversation a later one goes on with."""
        return {step.ask.continues for step in self.spec.steps if step.ask and step.ask.continues}


@dataclass(frozen=True, slots=True)
class Site:
    """Where one step is built. Key paths are below its kind."""

    building: Building
    index: int
    kind: str
    name: str

    @property
    def label(self) -> str:
        """The step's name in counts and rejections."""
        return f"{self.building.spec.flow}/{self.name}"

    @property
    def columns(self) -> list[str]:
        return self.building.columns

    def follows(self, kinds: Collection[str]) -> bool:
        """Whether the step just before is of one of these kinds."""
        return self.index > 0 and self.building.spec.steps[self.index - 1].kind in kinds

    def node(self, *below: str | int) -> Node:
        """What was written there, or its nearest written parent."""
        return self.building.node.at(("steps", self.index, self.kind, *below))

    def report(self, message: str, *below: str | int, hint: str = "") -> None:
        self.building.problems.append(self.node(*below).error(message, hint))

    def need(self, column: str, *below: str | int) -> None:
        """Reports a column that no row has at this step."""
        if column not in self.columns:
            hint = did_you_mean(column, self.columns, untold="icl_")
            self.report(f"no column {column!r} at this step", *below, hint=hint)

    def make(self, column: str, *below: str | int) -> None:
        """From here on there is this column; reports one that exists already."""
        if column in self.columns:
            hint = "take another name, or rename or drop that one before"
            self.report(f"the column {column!r} exists already", *below, hint=hint)
        else:
            # Later steps are checked as if this one were right.
            self.columns.append(column)

    def remove(self, column: str) -> None:
        if column in self.columns:
            self.columns.remove(column)

    def template(self, source: str, *below: str | int) -> Template | None:
        """A Jinja template over the columns; None if it is none."""
        return compiled(source) if self.compiles(source, *below) else None

    def compiles(self, source: str, *below: str | int) -> bool:
        """Whether a template is one; reports why not, and columns it takes that are not there."""
        try:
            taken = undeclared(source)
        except TemplateSyntaxError as error:
            self.report(f"{'.'.join(map(str, below))}: {error.message}", *below)
            return False
        for column, _ in taken:
            self.need(column, *below)
        return True

    def condition(self, source: str, *below: str | int) -> Condition | None:
        """A condition over the columns; None if it is none."""
        try:
            made = Condition.compiled(source)
        except TemplateSyntaxError as error:
            self.report(f"{'.'.join(map(str, below))}: {error.message}", *below)
            return None
        self.compiles(f"{{{{ {source} }}}}", *below)
        return made

    def prompt(self, name: str) -> Prompt | None:
        """The prompt of a name, one of the flow's files from here on."""
        node = self.node("prompt")
        folders = prompt_folders(self.building.project, node.file.parent)
        path = next((p for folder in folders if (p := folder / f"{name}.md").is_file()), None)
        if path is None:
            known = {path.stem for folder in folders for path in folder.glob("*.md")}
            self.report(f"no prompt {name!r}", "prompt", hint=did_you_mean(name, known))
            return None
        self.uses(path)
        try:
            return load_prompt(path)
        except FlowError as error:
            self.building.problems.append(error)
            return None

    def uses(self, file: Path | None) -> None:
        """The flow is made of this file too."""
        if file is not None and file not in self.building.files:
            self.building.files.append(file)

    def unknown(self, what: str, name: str, known: Collection[str], *below: str | int) -> None:
        self.report(f"no {what} {name!r}", *below, hint=did_you_mean(name, known))

    def function(
        self, registry: Registry[Function], name: str, *below: str | int
    ) -> Function | None:
        """The user's function of a name, its file one of the flow's from here on. One that is not
        there is reported where it was named, a broken file where it broke."""
        try:
            function = self.building.plugins.find(registry, name)
        except UserError as error:
            if error.message.startswith("no "):
                self.report(error.message, *below, hint=error.hint)
            else:
                self.building.problems.append(error)
            return None
        self.uses(source_of(function))
        return function
