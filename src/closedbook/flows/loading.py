"""From a flow's name to its steps, with every mistake found before anything runs.

A name is looked up in the project's own `flows/` and `prompts/` first, then among the shipped ones;
a name that ends in .yaml is a path below the project folder. Mistakes are FlowErrors with file and
line.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import orjson
from jinja2 import TemplateSyntaxError
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from closedbook.config.yaml_lines import LineOf, load_yaml
from closedbook.engine import Lane, Step
from closedbook.errors import FlowError
from closedbook.flows.ask import AskStep
from closedbook.flows.filtering import FilterStep, compile_where
from closedbook.flows.naming import did_you_mean
from closedbook.flows.prompts import load_prompt, undeclared
from closedbook.flows.spec import (
    NEEDED,
    SECTIONS,
    SOURCE_COLUMNS,
    AskSpec,
    FilterSpec,
    FlowSpec,
    Makes,
)

LIBRARY = Path(__file__).parent / "library"


@dataclass(frozen=True, slots=True)
class Flow:
    """A flow ready to run; `files` are all it was made of."""

    name: str
    makes: Makes
    lane: Lane
    files: tuple[Path, ...]


def load_flows(names: Sequence[str], kinds: Sequence[Makes], project_folder: Path) -> list[Flow]:
    """The flows of these names, which must make one of `kinds`. Raises the first FlowError."""
    flows = [load_flow(name, project_folder) for name in names]
    for index, flow in enumerate(flows):
        if flow.makes not in kinds:
            message = f"makes {flow.makes}, but {' or '.join(kinds)} are needed here"
            raise FlowError(message, file=flow.files[0], line=1)
        if flow.name in [other.name for other in flows[:index]]:
            raise FlowError(f"two flows are named {flow.name!r}", file=flow.files[0], line=1)
    return flows


def load_flow(name: str, project_folder: Path) -> Flow:
    """Raises the first FlowError."""
    flow, problems = examine_flow(name, project_folder)
    if flow is None or problems:
        raise problems[0]
    return flow


def check_flow(name: str, project_folder: Path) -> list[FlowError]:
    """Everything wrong with a flow and its prompts."""
    return examine_flow(name, project_folder)[1]


def examine_flow(name: str, project_folder: Path) -> tuple[Flow | None, list[FlowError]]:
    """The flow, if it can be made, and all its problems."""
    try:
        path = _found(name, project_folder)
        spec, line_of = _read(path)
    except FlowError as error:
        return None, [error]
    builder = _Builder(spec, path, project_folder, line_of)
    steps = builder.steps()
    lane = Lane(spec.flow, tuple(steps))
    return Flow(spec.flow, spec.makes, lane, tuple(builder.files)), builder.problems


class _Builder:
    """Makes the steps of one flow, collecting problems and the columns that exist so far."""

    def __init__(self, spec: FlowSpec, path: Path, project_folder: Path, line_of: LineOf) -> None:
        self._spec = spec
        self._path = path
        self._project_folder = project_folder
        self._line_of = line_of
        self._columns = list(SOURCE_COLUMNS)
        self._names: list[str] = []
        self.files = [path]
        self.problems: list[FlowError] = []

    def steps(self) -> list[Step]:
        made: list[Step] = []
        for index, step in enumerate(self._spec.steps):
            try:
                if step.ask is not None:
                    made.append(self._ask(step.ask, index))
                elif step.filter is not None:
                    made.append(self._filter(step.filter, index))
            except FlowError as error:
                self.problems.append(error)
        self._check_end()
        return made

    def _ask(self, spec: AskSpec, index: int) -> AskStep:
        available = {*self._columns, "sample", "samples"}
        for column in spec.columns:
            if column in self._columns:
                self._report(f"the column {column!r} exists already", index, "ask", "parse")
        # Later steps are checked as if this one were right.
        self._columns += [name for name in spec.columns if name not in self._columns]
        path = self._prompt_path(spec.prompt, index)
        self.files.append(path)
        prompt = load_prompt(path)
        self.problems.extend(prompt.problems(available))
        return AskStep(self._step_name(spec.prompt), spec, prompt)

    def _filter(self, spec: FilterSpec, index: int) -> FilterStep:
        line = self._line_of(("steps", index, "filter", "where"))
        try:
            where = compile_where(spec.where)
        except TemplateSyntaxError as error:
            raise FlowError(f"where: {error.message}", file=self._path, line=line) from None
        for name, _ in undeclared("{{ " + spec.where + " }}"):
            if name not in self._columns:
                hint = did_you_mean(name, self._columns)
                self._report(
                    f"no column {name!r} at this step", index, "filter", "where", hint=hint
                )
        return FilterStep(self._step_name("filter"), spec, where)

    def _check_end(self) -> None:
        for column in NEEDED[self._spec.makes]:
            if column not in self._columns:
                self.problems.append(
                    FlowError(
                        f"makes: {self._spec.makes} needs a column {column!r}",
                        file=self._path,
                        line=self._line_of(("makes",)),
                        hint=f"columns at the end: {', '.join(self._columns)}",
                    )
                )

    def _prompt_path(self, name: str, index: int) -> Path:
        folders = (self._project_folder / "prompts", LIBRARY / "prompts")
        for folder in folders:
            if (path := folder / f"{name}.md").is_file():
                return path
        known = [path.stem for folder in folders for path in folder.glob("*.md")]
        raise FlowError(
            f"no prompt {name!r}",
            file=self._path,
            line=self._line_of(("steps", index, "ask", "prompt")),
            hint=did_you_mean(name, known),
        )

    def _step_name(self, kind: str) -> str:
        """Stays the same when other steps are added around it, unless they do the same."""
        name = f"{self._spec.flow}/{kind}"
        self._names.append(name)
        count = self._names.count(name)
        return name if count == 1 else f"{name}-{count}"

    def _report(self, message: str, index: int, *below: str, hint: str = "") -> None:
        line = self._line_of(("steps", index, *below))
        self.problems.append(FlowError(message, file=self._path, line=line, hint=hint))


def _found(name: str, project_folder: Path) -> Path:
    if name.endswith((".yaml", ".yml")):
        return project_folder / name
    folders = (project_folder / "flows", LIBRARY)
    for folder in folders:
        if (path := folder / f"{name}.yaml").is_file():
            return path
    known = [path.stem for folder in folders for path in folder.glob("*.yaml")]
    raise FlowError(
        "no such flow",
        file=project_folder / "flows" / f"{name}.yaml",
        hint=did_you_mean(name, known),
    )


def _read(path: Path) -> tuple[FlowSpec, LineOf]:
    data, line_of = load_yaml(path, FlowError)
    try:
        # As JSON: there a list is a valid tuple even in strict mode.
        content = orjson.dumps(data, option=orjson.OPT_NON_STR_KEYS)
        return FlowSpec.model_validate_json(content), line_of
    except (ValidationError, TypeError) as error:
        if not isinstance(error, ValidationError):
            raise FlowError(f"holds what a flow cannot: {error}", file=path, line=1) from None
        raise next(_problems(error, path, line_of)) from None


def _problems(error: ValidationError, path: Path, line_of: LineOf) -> Iterator[FlowError]:
    problems = error.errors(include_url=False)
    for problem in sorted(problems, key=lambda item: line_of(item["loc"])):
        message, hint = _explained(problem)
        yield FlowError(message, file=path, line=line_of(problem["loc"]), hint=hint)


def _explained(problem: ErrorDetails) -> tuple[str, str]:
    """A pydantic problem as (message, hint)."""
    *section, key = problem["loc"] or ("",)
    known = SECTIONS.get(tuple(part for part in section if isinstance(part, str)), FlowSpec)
    match problem["type"]:
        case "extra_forbidden":
            return f"unknown key {key!r}", did_you_mean(str(key), list(known.model_fields))
        case "missing":
            return f"the key {key!r} is missing", "add it"
        case "value_error":
            return str(problem["ctx"]["error"]), ""
        case _:
            where = ".".join(str(part) for part in problem["loc"])
            return f"{where}: {problem['msg']}", ""
