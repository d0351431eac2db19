"""The command line: parse, call, exit code. Everything it does is a call of `closedbook.Project`.

Exit codes: 0 done; 1 the run stopped; 2 something the user gave must change; 3 the budget is
spent; 130 interrupted.
"""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from closedbook.cli import exam, flow
from closedbook.cli.ask import ask
from closedbook.cli.baseline import baseline
from closedbook.cli.compare import compare
from closedbook.cli.errors import exit_if_any
from closedbook.cli.errors import plain_errors as _plain_errors
from closedbook.cli.icl import icl
from closedbook.cli.judge import judge_check
from closedbook.cli.options import Overrides, ProjectFolder
from closedbook.cli.train import share_cores, train
from closedbook.hints import counted, path_shown

if TYPE_CHECKING:
    from closedbook.project import Project

app = typer.Typer(
    name="closedbook",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
LONG_SECONDS = 3600
"""A finished stage that took longer is not repeated without asking."""


def _tell_version(wanted: bool) -> None:
    if wanted:
        typer.echo(version("closedbook"))
        raise typer.Exit


@app.callback()
def closedbook(
    _: Annotated[
        bool,
        typer.Option("--version", is_eager=True, callback=_tell_version, help="Say which it is."),
    ] = False,
) -> None:
    """Teach a small language model your documents, and prove that it learned them."""


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(help="The project folder to make.")],
    source: Annotated[Path, typer.Option("--from", help="The folder of your documents.")],
    exam: Annotated[Path | None, typer.Option(help="A JSONL or CSV file of questions.")] = None,
    preset: Annotated[
        Literal["rehearsal", "mixed-training", "nemotron-quality"],
        typer.Option(help="Stand-ins; the recommended recipe; or the published study's."),
    ] = "rehearsal",
) -> None:
    """Write a commented closedbook.yaml for a folder of documents."""
    from closedbook.creating import create_project

    with _plain_errors():
        for line in create_project(folder, source, exam, preset):
            typer.echo(line)


@app.command()
def check(project: ProjectFolder = Path(), overrides: Overrides = None) -> None:
    """Find problems of config, flows, exams and language models before anything runs."""
    from closedbook.checks import examine

    with _plain_errors():
        found = examine(project, overrides or ())
    for note in found.notes:
        typer.echo(note)
    exit_if_any(found.problems)
    typer.echo("no problems found")


@app.command()
def run(
    until: Annotated[str | None, typer.Argument(help="Stop after this stage.")] = None,
    project: ProjectFolder = Path(),
    overrides: Overrides = None,
    plan: Annotated[bool, typer.Option("--plan", help="Say what would be done and why.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Repeat long stages without asking.")] = False,
    retry: Annotated[bool, typer.Option("--retry", help="Ask again what got no answer.")] = False,
) -> None:
    """Bring every stage up to date; only what changed is done again."""
    from closedbook.console import OUTPUT, show_plan
    from closedbook.project import Project

    with _plain_errors():
        opened = Project.open(project, overrides or ())
        if plan:
            show_plan(OUTPUT, opened.plan(until, retry=retry))
        elif yes or _agreed(opened, until, retry=retry):
            _run(opened, until, retry=retry)
        else:
            raise typer.Exit(1)


@app.command()
def rehearse(
    folder: Annotated[Path, typer.Argument(help="A project, or a folder of documents.")] = Path(),
    overrides: Overrides = None,
) -> None:
    """Run the whole pipeline with the built-in stand-ins: checks the plumbing, no accuracy."""
    from closedbook.project import Project

    with _plain_errors():
        opened = Project.open_rehearsal(folder, overrides or ())
        for note in opened.notes:
            typer.echo(note)
        _run(opened, None)
        typer.echo("rehearsals are kept apart: status, ask and exam tell of runs alone")


@app.command()
def status(project: ProjectFolder = Path(), overrides: Overrides = None) -> None:
    """What is done, what it counted, what was dropped and why."""
    from closedbook.console import OUTPUT, show_stand_ins, show_status
    from closedbook.project import Project

    with _plain_errors():
        opened = Project.open(project, overrides or ())
        show_stand_ins(OUTPUT, opened.config, "teacher", "student")
        show_status(OUTPUT, opened.status())
        if opened.rehearsal.is_dir():
            typer.echo(f"a rehearsal, which is no run, is in {path_shown(opened.rehearsal)}")
        if opened.is_running:
            typer.echo("a run is going on")


@app.command()
def forecast(
    project: ProjectFolder = Path(),
    documents: Annotated[
        int | None,
        typer.Option(min=1, help="Of the pilot, whose answers are bought. [a tenth, 5-20]"),
    ] = None,
    usd: Annotated[float | None, typer.Option(min=0, help="How many fit this price?")] = None,
    hours: Annotated[float | None, typer.Option(min=0, help="How many fit this time?")] = None,
    seed: Annotated[int, typer.Option(help="Which documents are drawn.")] = 0,
    overrides: Overrides = None,
) -> None:
    """Ask about a few random documents; say what all will take: rows, tokens, price, hours."""
    from closedbook.console import OUTPUT, Progress, show_forecast, show_stand_ins
    from closedbook.project import Project

    with _plain_errors():
        opened = Project.open(project, overrides or ())
        with Progress(OUTPUT, opened.config) as progress:
            found = opened.forecast(documents, seed, progress)
        show_stand_ins(OUTPUT, opened.config, "teacher")
        show_forecast(OUTPUT, found, usd=usd, hours=hours)
        if found.stopped:
            raise found.stopped


@app.command()
def world(
    seed: Annotated[int, typer.Option(help="Any integer; each seed is another world.")],
    out: Annotated[Path, typer.Option(help="The folder to write documents/ and exam.jsonl to.")],
) -> None:
    """Write a fictional world: documents no model has read, and an exam about them."""
    from closedbook.rehearsal import make_world, write_world

    with _plain_errors():
        write_world(make_world(seed), out)
        typer.echo(f"{out}: 40 documents, 320 questions")


@app.command(
    add_help_option=False,
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
)
def simulate(context: typer.Context) -> None:
    """Serve an OpenAI-compatible endpoint: a rule-based stand-in, not a language model."""
    from closedbook.simulator.command import run_command

    with _plain_errors():
        run_command(context.args)


@app.command()
def journal(
    project: ProjectFolder = Path(),
    by: Annotated[
        Literal["step", "model", "document", "answer"],
        typer.Option(help="What to add up by; or each answer with its key."),
    ] = "step",
    step: Annotated[str, typer.Option(help="Answers of steps whose name holds this.")] = "",
    document: Annotated[str, typer.Option(help="Answers about documents so named.")] = "",
    answer: Annotated[
        str | None, typer.Option(metavar="KEY", help="Show the answer whose key begins so.")
    ] = None,
    rehearsal: Annotated[
        bool, typer.Option("--rehearsal", help="The journal of the built-in teacher.")
    ] = False,
    salvaging: Annotated[
        bool, typer.Option("--salvage", help="Of a damaged journal keep what can be read.")
    ] = False,
) -> None:
    """What the teacher was asked and what it took, also while a run is going on."""
    from closedbook.console import OUTPUT
    from closedbook.console.tables import show_answer, show_answers, show_begun, show_totals
    from closedbook.reporting import banner
    from closedbook.store.accounts import answers, find, journal_of, on_their_way, overall, totals
    from closedbook.store.lock import locked
    from closedbook.store.place import journal_path
    from closedbook.store.salvage import salvage

    with _plain_errors():
        path = journal_of(project, rehearsal=rehearsal)
        if path == journal_path(project, rehearsal=True):
            typer.echo(banner("rehearsal", ""))
        if salvaging:
            with locked(project):
                kept = salvage(path)
            kept_now = counted(kept.answers, "answer"), counted(kept.calls, "call")
            aside = f"the damaged journal is now {path_shown(kept.aside)}"
            typer.echo(f"kept {' and '.join(kept_now)}; {aside}")
        elif answer is not None:
            show_answer(OUTPUT, find(path, answer))
        elif by == "answer" or step or document:
            show_answers(OUTPUT, answers(path, step, document))
        else:
            typer.echo(path_shown(path))
            show_totals(OUTPUT, by, totals(path, by), overall(path))
            show_begun(OUTPUT, on_their_way(path))


def _agreed(project: Project, until: str | None, *, retry: bool) -> bool:
    """Whether stages that took long last time may be repeated; asks only if there are any."""
    long = [item for item in project.plan(until, retry=retry) if (item.seconds or 0) > LONG_SECONDS]
    for item in long:
        hours = (item.seconds or 0) / 3600
        typer.echo(f"{item.stage} took {hours:.1f} hours and would be repeated: {item.why}")
    return not long or typer.confirm("repeat?")


def _run(project: Project, until: str | None, *, retry: bool = False) -> None:
    share_cores()
    from closedbook.console import OUTPUT, Progress, show_results, show_stand_ins

    with Progress(OUTPUT, project.config) as progress:
        result = project.run(until, progress, retry=retry)
    if result.summary is not None:
        show_stand_ins(OUTPUT, project.config, "teacher", "student")
    show_results(OUTPUT, result)


# In the order of the help, after the commands above.
for command in (baseline, ask, compare, icl, judge_check, train, flow.schema):
    app.command()(command)
app.add_typer(flow.app, name="flow")
app.add_typer(exam.app, name="exam")
