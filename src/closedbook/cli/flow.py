"""`closedbook flow`: look at flows, check them, try them; `closedbook schema`: for editors."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from closedbook.cli.errors import exit_if_any, plain_errors
from closedbook.cli.options import Overrides, ProjectFolder

app = typer.Typer(help="Flows: list, show, check, try.", no_args_is_help=True)
FlowName = Annotated[str, typer.Argument(metavar="NAME", help="A flow's name, or a .yaml file.")]


@app.command("list")
def list_flows(project: ProjectFolder = Path()) -> None:
    """Every flow that can be named here: the project's own, the shipped ones, packages'."""
    from closedbook.checks import config_if_any
    from closedbook.console import OUTPUT
    from closedbook.console.flows import show_flow_list
    from closedbook.flows import Given, all_flows, examine_flow

    config = config_if_any(project)
    given = Given.of(config, project)
    found = {name: examine_flow(name, project, given) for name in all_flows(project)}
    flows = {name: None if problems else flow for name, (flow, problems) in found.items()}
    show_flow_list(OUTPUT, flows, config.generate.flows if config else ())


@app.command()
def show(name: FlowName, project: ProjectFolder = Path()) -> None:
    """A flow's steps in order: prompt, columns, samples and sampling."""
    from closedbook.checks import config_if_any
    from closedbook.console import OUTPUT
    from closedbook.console.flows import show_flow
    from closedbook.flows import Given, examine_flow

    config = config_if_any(project)
    flow, problems = examine_flow(name, project, Given.of(config, project))
    if flow is not None:
        with plain_errors():
            show_flow(OUTPUT, flow, config, project)
    exit_if_any(problems)


@app.command()
def check(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="NAME", help="Default: all of the project.")
    ] = None,
    project: ProjectFolder = Path(),
) -> None:
    """Find every problem of flows, their prompts and functions, with file and line."""
    from closedbook.checks import flow_problems, flows_of

    named = names or flows_of(project)
    exit_if_any(flow_problems(named, project))
    typer.echo(f"no problems found in: {', '.join(named)}" if named else "no flows here")


@app.command("try")
def try_it(
    name: FlowName,
    project: ProjectFolder = Path(),
    documents: Annotated[int, typer.Option(min=1, help="How many, from the first on.")] = 2,
    overrides: Overrides = None,
) -> None:
    """Run a flow on a few documents and print all it asks and makes; answers are kept."""
    from closedbook.console import OUTPUT, Progress, show_stand_ins
    from closedbook.console.flows import show_try
    from closedbook.project import Project

    with plain_errors():
        opened = Project.open(project, overrides or ())
        with Progress(OUTPUT, opened.config) as progress:
            seen = opened.try_flow(name, documents, progress)
        show_stand_ins(OUTPUT, opened.config, "teacher")
        show_try(OUTPUT, seen)


def schema(
    which: Annotated[
        Literal["config", "flow"], typer.Argument(help="Of closedbook.yaml or flows.")
    ],
) -> None:
    """Print the JSON Schema of closedbook.yaml or of flow files, for an editor."""
    from closedbook.schema import schema_of

    typer.echo(schema_of(which), nl=False)
