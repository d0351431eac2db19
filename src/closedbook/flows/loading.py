"""From a flow's name to its steps, with every mistake found before anything runs.

A name is looked up in the project's own `flows/` and `prompts/` first, then among the shipped ones,
then in installed packages; a name that ends in .yaml is a path below the project folder. Mistakes
have file and line.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from closedbook.config.written import mistake
from closedbook.engine import Lane, Step
from closedbook.errors import FlowError, UserError
from closedbook.flows.building import Building, Given, Site
from closedbook.flows.places import is_flow
from closedbook.flows.plugins import Plugins
from closedbook.flows.reading import ReadFlow, read_flow
from closedbook.flows.spec import NEEDED, TO_EXAMINE, TO_TRAIN_ON, FlowSpec, Makes, StepSpec
from closedbook.flows.steps import ask, call, columns, sample

BUILD: dict[str, Callable[[Any, Site], Step | None]] = {
    "ask": ask.build,
    "melt": columns.melt_columns,
    "filter": columns.filter_rows,
    "set": columns.set_columns,
    "copy": columns.copy_columns,
    "rename": columns.rename_columns,
    "drop": columns.drop_columns,
    "call": call.build,
}
"""By kind; `sample` is built around the step before it."""
ANYTHING = Given()
NAMED_AT = {TO_TRAIN_ON: ("generate", "flows"), TO_EXAMINE: ("generate", "exam_flows")}
"""The key of a config that names flows of these kinds."""


@dataclass(frozen=True, slots=True)
class Part:
    """A step as it was written: its name, its spec, the columns it adds, its prompt's file."""

    name: str
    spec: StepSpec
    makes: tuple[str, ...]
    prompt: Path | None


@dataclass(frozen=True, slots=True)
class Flow:
    """A flow ready to run; `files` are all it was made of, its own first."""

    name: str
    makes: Makes
    lane: Lane
    files: tuple[Path, ...]
    spec: FlowSpec
    parts: tuple[Part, ...]

    @property
    def verdicts(self) -> tuple[str, ...]:
        """The columns whose texts a model chose among given ones."""
        asks = [part.spec.ask for part in self.parts if part.spec.ask and part.spec.ask.parse]
        return tuple(dict.fromkeys(name for ask in asks if ask.parse for name in ask.parse.choices))


def load_flows(
    names: Sequence[str], kinds: Sequence[Makes], project: Path, given: Given = ANYTHING
) -> list[Flow]:
    """The flows of these names, which must make one of `kinds`. Raises the first problem."""
    flows, problems = examine_flows(names, kinds, project, given)
    if problems:
        raise problems[0]
    return flows


def examine_flows(
    names: Sequence[str], kinds: Sequence[Makes], project: Path, given: Given = ANYTHING
) -> tuple[list[Flow], list[UserError]]:
    """The flows that can be made, and all problems of all."""
    flows: dict[str, Flow] = {}
    problems: list[UserError] = []
    for name in names:
        flow, found = examine_flow(name, project, given)
        if flow is None and not is_flow(name, project):
            found = [_misnamed(name, kinds, project, f"no flow {name!r}", found[0].hint)]
        elif flow and flow.makes not in kinds:
            message = f"{name!r} makes {flow.makes}, but {' or '.join(kinds)} are needed here"
            found = [*found, _misnamed(name, kinds, project, message)]
        elif flow and flow.name in flows:
            message = f"two flows are named {flow.name!r}"
            found = [*found, _misnamed(name, kinds, project, message)]
        elif flow:
            flows[flow.name] = flow
        problems += found
    return [*flows.values()], problems


def _misnamed(
    name: str, kinds: Sequence[Makes], project: Path, message: str, hint: str = ""
) -> UserError:
    """What is wrong with the name, where it was given: in the config or on the command line."""
    if key := NAMED_AT.get(tuple(kinds)):
        return mistake(project, [key], message, hint, name=name)
    return UserError(message, hint=hint)


def load_flow(name: str, project: Path, given: Given = ANYTHING) -> Flow:
    """Raises the first problem."""
    flow, problems = examine_flow(name, project, given)
    if flow is None or problems:
        raise problems[0]
    return flow


def check_flow(name: str, project: Path, given: Given = ANYTHING) -> list[UserError]:
    """Everything wrong with a flow, its prompts and the functions it names."""
    return examine_flow(name, project, given)[1]


def examine_flow(
    name: str, project: Path, given: Given = ANYTHING
) -> tuple[Flow | None, list[UserError]]:
    """The flow, if it can be made, and all its problems."""
    shape: list[FlowError] = []
    read = read_flow(name, project, shape)
    if read is None:
        return None, [*shape]
    flow, problems = _built(read, project, given)
    problems = [_as_extended(problem, read) for problem in problems]
    # A broken file of functions is a problem of every step that names one.
    told = {str(problem): problem for problem in (*shape, *problems)}
    return flow, list(told.values())


def _as_extended(problem: UserError, read: ReadFlow) -> UserError:
    """What is wrong in an inherited file is so only as this flow extends it."""
    if not isinstance(problem, FlowError) or problem.file not in read.files[1:]:
        return problem
    message = problem.message.partition(": ")[2]
    told = f"as {read.files[0]} extends it: {message}"
    return FlowError(told, file=problem.file, line=problem.line, hint=problem.hint)


def _built(read: ReadFlow, project: Path, given: Given) -> tuple[Flow, list[UserError]]:
    spec = read.spec
    building = Building(
        spec, read.node, project, given, Plugins(project), [*read.files], [*given.columns]
    )
    steps: list[Step] = []
    parts: list[Part] = []
    for index, step in enumerate(spec.steps):
        before = [*building.columns]
        site = Site(building, index, step.kind, step.name or step.kind)
        made: Step | None
        if step.sample is not None:
            last = steps.pop() if steps and site.follows(sample.AFTER) else None
            made = sample.build(step.sample, site, last)
        else:
            made = BUILD[step.kind](step.content, site)
        if made is not None:
            steps.append(made)
        makes = tuple(column for column in building.columns if column not in before)
        prompt = made.prompt.path if isinstance(made, ask.AskStep) else None
        parts.append(Part(site.name, step, makes, prompt))
    _check_end(building)
    flow = Flow(
        spec.flow,
        spec.makes,
        Lane(spec.flow, tuple(steps)),
        tuple(building.files),
        spec,
        tuple(parts),
    )
    return flow, building.problems


def _check_end(building: Building) -> None:
    makes = building.spec.makes
    for column in NEEDED[makes]:
        if column not in building.columns:
            message = f"makes: {makes} needs a column {column!r}"
            hint = f"columns at the end: {', '.join(building.columns)}"
            building.problems.append(building.node.at(("makes",)).error(message, hint))
