"""`closedbook exam`: get QuALITY, look at a project's exams, export them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from closedbook.cli.errors import plain_errors
from closedbook.cli.options import Overrides, ProjectFolder

app = typer.Typer(help="Exams: fetch, show, export.", no_args_is_help=True)


@app.command()
def fetch(
    which: Annotated[Literal["quality"], typer.Argument(help="QuALITY, train and dev.")],
    out: Annotated[Path, typer.Option(help="The folder to write quality/ and documents/ to.")],
    titles: Annotated[
        Literal["all", "tutorial"], typer.Option(help="Whose articles become documents.")
    ] = "all",
) -> None:
    """Download a published exam, checked, and write its articles as documents."""
    from closedbook.evaluation.fetching import fetch_quality, write_articles

    with plain_errors():
        files = fetch_quality(out / which)
        articles = write_articles(files, out / "documents", titles)
        paths = ", ".join(f"{which}/{file.name}" for file in files)
        typer.echo(f"{out / 'documents'}: {len(articles)} documents")
        typer.echo(f"exam: {{kind: quality, path: [{paths}], titles: {titles}}}")


@app.command()
def show(project: ProjectFolder = Path(), overrides: Overrides = None) -> None:
    """The exams of a project: questions, splits, what cannot be asked, and the digest."""
    from closedbook.config import FILE_NAME, load_config
    from closedbook.evaluation import exams_of
    from closedbook.records import GENERATED, UNREVIEWED

    with plain_errors():
        config = load_config(project / FILE_NAME, overrides or ())
        exams = exams_of(config.every_exam, project)
        for name, exam in exams.items():
            documents = len({question.document for question in exam.questions} - {""})
            sealed = len(exam.questions) - exam.chosen
            typer.echo(
                f"{name}: {len(exam.questions)} questions about {documents} documents "
                f"({exam.chosen} choose, {sealed} sealed, {len(exam.rejections)} not asked), "
                f"digest {exam.digest}"
            )
        if not exams:
            typer.echo("no exam; the teacher would write one: closedbook run exam")
        elif UNREVIEWED in exams:
            typer.echo(GENERATED)


@app.command()
def accept(project: ProjectFolder = Path()) -> None:
    """Make the exam that the teacher generated, and a person has read, the project's own."""
    from closedbook.accepting import accept_exam

    with plain_errors():
        file, questions = accept_exam(project)
        typer.echo(
            f"{file}: {questions} questions, named as exam in closedbook.yaml; edit them there"
        )


@app.command()
def export(
    out: Annotated[Path, typer.Option(help="The folder to write NAME.yaml and NAME.jsonl to.")],
    name: Annotated[
        str | None, typer.Argument(help="Which exam of the project; the main one if left out.")
    ] = None,
    split: Annotated[
        Literal["all", "choose", "sealed"], typer.Option(help="Which of its questions.")
    ] = "sealed",
    project: ProjectFolder = Path(),
    overrides: Overrides = None,
) -> None:
    """Write an exam as a task of lm-evaluation-harness (use it with --apply_chat_template)."""
    from closedbook.config import FILE_NAME, load_config
    from closedbook.errors import UserError
    from closedbook.evaluation import exams_of
    from closedbook.evaluation.exporting import export_exam
    from closedbook.records import GENERATED, UNREVIEWED

    with plain_errors():
        config = load_config(project / FILE_NAME, overrides or ())
        exams = exams_of(config.every_exam, project)
        name = name or next(iter(exams), "exam")
        if name not in exams:
            raise UserError(f"no exam {name!r}", hint=f"exams: {', '.join(exams) or 'none'}")
        chosen = [item for item in exams[name].questions if split in ("all", item.split)]
        file, count = export_exam(name, chosen, out)
        typer.echo(f"{file}: {count} questions")
        if name == UNREVIEWED:
            typer.echo(GENERATED)


@app.command()
def agreement(
    grades: Annotated[
        Path, typer.Argument(help="JSONL: question, accepted, answer, right (a person's word).")
    ],
    project: ProjectFolder = Path(),
    overrides: Overrides = None,
) -> None:
    """Measure how far the judge of short answers (evaluate.judge) agrees with a person."""
    from closedbook.console import OUTPUT
    from closedbook.console.judging import show_agreement
    from closedbook.project import Project

    with plain_errors():
        found = Project.open(project, overrides or ()).check_grading(grades)
        show_agreement(OUTPUT, found)
