"""`closedbook exam`: get QuALITY, look at a project's exams, export them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from closedbook.cli.errors import plain_errors
from closedbook.cli.options import Overrides, ProjectFolder
from closedbook.hints import command, counted

if TYPE_CHECKING:
    from closedbook.evaluation.reading import ExamRead

app = typer.Typer(help="Exams: fetch, show, accept, export, agreement.", no_args_is_help=True)


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
        typer.echo(f"{out / 'documents'}: {counted(len(articles), 'document')}")
        typer.echo(f"exam: {{kind: quality, path: [{paths}], titles: {titles}}}")


@app.command()
def show(project: ProjectFolder = Path(), overrides: Overrides = None) -> None:
    """The exams of a project: questions, splits, what cannot be asked, and the digest."""
    from closedbook.checks import known_titles
    from closedbook.evaluation import missing_documents

    with plain_errors():
        exams, unreviewed = _exams(project, overrides)
        titles = known_titles(project, overrides or ())
        for name, exam in exams.items():
            short = sum(not question.options for question in exam.questions)
            documents = len({question.document for question in exam.questions} - {""})
            sealed = len(exam.questions) - exam.chosen
            typer.echo(
                f"{name}: {counted(len(exam.questions), 'question')}"
                f"{f' ({short} with short answers)' if short else ''} about "
                f"{counted(documents, 'document')} "
                f"({exam.chosen} choose, {sealed} sealed, {len(exam.rejections)} not asked), "
                f"digest {exam.digest}"
            )
            if titles and (told := missing_documents(exam.questions, titles)):
                typer.echo(f"{name}: {told}")
        if not exams:
            typer.echo(f"no exam; the teacher would write one: {command('run exam')}")
        if unreviewed:
            typer.echo(unreviewed)


def _exams(project: Path, overrides: list[str] | None) -> tuple[dict[str, ExamRead], str]:
    """The exams of a project, and what is to be said if nobody has reviewed them; if a stand-in
    wrote them, that is printed."""
    from closedbook.config import FILE_NAME, load_config
    from closedbook.console import OUTPUT, show_stand_ins
    from closedbook.evaluation import exams_of
    from closedbook.records import GENERATED, UNREVIEWED
    from closedbook.store import Place, to_review

    config = load_config(project / FILE_NAME, overrides or ())
    place = Place.of(project, rehearsed=config.teacher.kind == "rehearsal")
    exams = exams_of(config.every_exam, place)
    if UNREVIEWED not in exams:
        return exams, ""
    show_stand_ins(OUTPUT, config, "teacher")
    return exams, f"{GENERATED} To do so, {to_review(place)}."


@app.command()
def accept(project: ProjectFolder = Path()) -> None:
    """Make the exam that the teacher generated, and a person has read, the project's own."""
    from closedbook.accepting import accept_exam

    with plain_errors():
        file, questions = accept_exam(project)
        typer.echo(
            f"{file}: {counted(questions, 'question')}, named as exam in closedbook.yaml; "
            "edit them there"
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
    from closedbook.errors import UserError
    from closedbook.evaluation.exporting import export_exam

    with plain_errors():
        exams, unreviewed = _exams(project, overrides)
        name = name or next(iter(exams), "exam")
        if name not in exams:
            raise UserError(f"no exam {name!r}", hint=f"exams: {', '.join(exams) or 'none'}")
        chosen = [item for item in exams[name].questions if split in ("all", item.split)]
        file, count = export_exam(name, chosen, out)
        typer.echo(f"{file}: {counted(count, 'question')}")
        if short := len(chosen) - count:
            typer.echo(f"{short} with short answers left out: the task chooses among options")
        if unreviewed:
            typer.echo(unreviewed)


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
