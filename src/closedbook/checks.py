"""Everything `closedbook check` finds before anything runs: each problem a line that says where it
is and what to do.

Reads only. What needs the network (an endpoint) is asked once, with one request.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path

import anyio
from pydantic import ValidationError

from closedbook.config import (
    FILE_NAME,
    Config,
    EndpointEmbedding,
    EndpointModel,
    EndpointTeacher,
    LocalEmbedding,
    Rerank,
    Retrieval,
    examine_config,
)
from closedbook.config.written import mistake
from closedbook.curation import own_filters
from closedbook.documents import look_through
from closedbook.errors import ClosedbookError, ConfigError, MissingExtra
from closedbook.evaluation import (
    exam_problems,
    examine_exam,
    files_of,
    general_files,
    load_exams,
    missing_documents,
    to_choose_by,
)
from closedbook.events import Event, Notice
from closedbook.flows import TO_EXAMINE, TO_TRAIN_ON, Flow, Given, check_flow, examine_flows
from closedbook.icl import load_examples
from closedbook.mixing import load_recipe, replay_problems
from closedbook.models.context import context_of, document_tokens, tokens_beside
from closedbook.models.profiles import Chosen
from closedbook.models.teacher import look, teacher_profile
from closedbook.records import Document, Question
from closedbook.store import rows_if_any, visible_files
from closedbook.students import find_student, require_training_extra
from closedbook.students.student import load_tokenizer

MOST_BYTES = 200_000_000
"""Of documents that are read for a check."""
MOST_OF_A_FILE = 20
"""Mistakes of one file that are told, a line each."""


@dataclass(frozen=True, slots=True)
class Findings:
    """What stands in the way of a run, and what is good to know before one, a line each."""

    problems: tuple[str, ...]
    notes: tuple[str, ...] = ()


def find_problems(folder: Path, overrides: Sequence[str] = ()) -> list[str]:
    """Every problem of the project at `folder`; an empty list means that it can run."""
    return list(examine(folder, overrides).problems)


def examine(folder: Path, overrides: Sequence[str] = ()) -> Findings:
    """The project at `folder`, looked at from all sides; nothing is changed."""
    config, problems = examine_config(folder / FILE_NAME, overrides)
    if config is None:
        return Findings(tuple(map(str, problems)))
    notes: list[str] = []
    found: list[ClosedbookError | str] = [*problems, *_beyond_config(config, folder, notes)]
    others = {f"models.{name}": settings for name, settings in config.models.items()}
    for key, settings in {"teacher": config.teacher, **others}.items():
        if isinstance(settings, EndpointTeacher):
            found += _of_endpoint(settings, key, folder, notes)
    for name, model in config.evaluate.models.items():
        # What serves weights may be started when they are there.
        if isinstance(model, EndpointModel) and not model.weights:
            found += _of_endpoint(model, f"evaluate.models.{name}", folder, [])
    if "rag" in config.evaluate.conditions:
        found += _of_search(config.evaluate.retrieval)
    return Findings(tuple(dict.fromkeys(str(problem) for problem in found)), tuple(notes))


def config_if_any(folder: Path) -> Config | None:
    """The project's config, where there is one and it can be read."""
    return examine_config(folder / FILE_NAME)[0]


def known_titles(folder: Path, overrides: Sequence[str] = ()) -> set[str]:
    """Of a project's documents; empty where they cannot be read for a check."""
    config, _ = examine_config(folder / FILE_NAME, overrides)
    with suppress(ClosedbookError):
        return _titles(folder / config.documents, folder, []) if config else set()
    return set()


def flows_of(folder: Path) -> list[str]:
    """The flows of a project: its own files, and those that its config names."""
    own = [file.stem for file in sorted((folder / "flows").glob("*.yaml"))]
    config = config_if_any(folder)
    named = config.generate.flows if config else ()
    exam = config.generate.exam_flows if config and not config.every_exam else ()
    return list(dict.fromkeys([*own, *named, *exam]))


def flow_problems(names: Sequence[str], folder: Path) -> list[str]:
    """Every problem of these flows, each once."""
    given = Given.of(config_if_any(folder), folder)
    found = (str(problem) for name in names for problem in check_flow(name, folder, given))
    return list(dict.fromkeys(found))


def _beyond_config(config: Config, root: Path, notes: list[str]) -> Iterator[ClosedbookError | str]:
    titles: set[str] = set()
    if (folder := root / config.documents).is_dir():
        yield from _raised(lambda: titles.update(_titles(folder, root, notes)))
    yield from _in_exams(config, root, titles, notes)
    if (examples := root / config.icl.file).is_file():
        yield from _raised(partial(load_examples, examples))
    given = Given.of(config, root)
    asked, wrong = examine_flows(config.generate.flows, TO_TRAIN_ON, root, given)
    yield from wrong
    if not wrong:
        yield from _verdicts(config, asked, root)
    if not config.every_exam:
        yield from examine_flows(config.generate.exam_flows, TO_EXAMINE, root, given)[1]
    for replay in dict.fromkeys(arm.mix.replay for arm in config.arms.values()):
        if (root / replay).is_file():
            yield from _first([*replay_problems(root / replay)])
    for name, arm in config.arms.items():
        yield from _raised(partial(load_recipe, arm.mix, name, root, config.generate.flows))
    yield from _raised(lambda: own_filters(root / "filters", config.curate.filters))
    yield from _raised(partial(_load_student, config, root))


def _load_student(config: Config, root: Path) -> None:
    """Its tokenizer and template, where it is a folder; one of the Hub is not fetched for this."""
    require_training_extra()
    student = find_student(config.student, root)
    if config.student.kind == "huggingface" and Path(student.where).is_dir():
        load_tokenizer(student)


def _of_endpoint(
    settings: EndpointTeacher, key: str, root: Path, notes: list[str]
) -> Iterator[ClosedbookError | str]:
    """What is wrong with an endpoint or its profile; what a run will make of them is noted."""
    problem, served = anyio.run(look, settings)
    if problem:
        yield problem
    try:
        chosen = teacher_profile(settings, root, key)
    except ClosedbookError as error:
        yield error
    else:
        notes.append(f"{key} {settings.model}: {_described(settings, chosen, key, served)}")


def _described(settings: EndpointTeacher, chosen: Chosen, key: str, served: int | None) -> str:
    profile = chosen.profile
    thinks = profile.thinking.expected(settings.thinking)
    thinking = {True: "on", False: "off", None: "as the model does by itself"}[thinks]
    thinking += ", whatever flows ask" if profile.thinking.fixed else ""
    context, longest = context_of(settings, profile), document_tokens(settings, profile)
    if context is None:
        splits = "context unknown: no document is split"
        if served:
            longest = tokens_beside(served, settings.max_tokens)
            splits = f"context {served:,} tokens, says the endpoint: documents of more than"
            splits += f" {longest:,} are split"
    else:
        splits = f"context {context:,} tokens: documents of more than {longest:,} are split"
        if served is not None and served < context:
            splits += f"; the endpoint takes only {served:,}: set {key}.context: {served}"
    return f"profile {profile.profile} ({chosen.why}); thinking {thinking}; {splits}"


def _of_search(settings: Retrieval) -> Iterator[ClosedbookError | str]:
    """What is wrong with those who embed and rerank, as they are asked or loaded."""
    embedding = settings.embedding if settings.how != "lexical" else None
    needed = ("lancedb", "sentence_transformers") if isinstance(embedding, LocalEmbedding) else ()
    for module in needed or (("lancedb",) if embedding else ()):
        if find_spec(module) is None:
            yield MissingExtra("rag", module)
    for model in (embedding, settings.rerank):
        if isinstance(model, EndpointEmbedding | Rerank):
            problem, _ = anyio.run(look, model.endpoint)
            if problem:
                yield problem


def _titles(folder: Path, root: Path, notes: list[str]) -> set[str]:
    """Of the documents, and of the parts into which a run has split them; empty if they are too
    many to be read for a check. What cannot be read is noted. Raises InputError where there is
    nothing to read."""
    size = sum(file.stat().st_size for file in visible_files(folder))
    if size > MOST_BYTES:
        notes.append(f"documents: {size / 1e6:,.0f} MB, too much to be read here: run documents")
        return set()
    titles = look_through(folder, lambda event: _note(event, notes))
    read = root / "out" / "documents" / "documents.jsonl"
    # What is damaged, or of another version, a run reads anew.
    with suppress(OSError, ValidationError):
        return titles | {
            part.title for part in rows_if_any(read, Document) if part.part_of in titles
        }
    return titles


def _note(event: Event, notes: list[str]) -> None:
    if isinstance(event, Notice):
        notes.append(f"documents: {event.text}")


def _in_exams(
    config: Config, root: Path, titles: set[str], notes: list[str]
) -> Iterator[ClosedbookError | str]:
    """What is wrong with the exams' files; that they ask about other documents is noted."""
    found: list[ClosedbookError] = []
    asked: list[Question] = []
    unread = False
    for name, exam in config.every_exam.items():
        if all(file.is_file() for file in files_of(exam, root)):
            questions, problems = examine_exam(exam, root, name)
            asked += questions
            found += problems
            yield from _first(problems)
            if titles and (told := missing_documents(questions, titles)):
                notes.append(f"{name}: {told}")
        else:
            unread = True
    if config.exams and not found:
        yield from _raised(partial(load_exams, config.every_exam, root))
    for arm in () if found or unread else config.chosen_by_exam:
        try:
            to_choose_by(asked)
        except ClosedbookError as error:
            paths = [("arms", arm, "train", "checkpoint"), ("train", "checkpoint")]
            yield mistake(root, paths, error.message, error.hint)
    for file in general_files(root, published=False).values():
        yield from _first(exam_problems(file, general=True))


def _first(problems: Sequence[ClosedbookError]) -> Iterator[ClosedbookError | str]:
    yield from problems[:MOST_OF_A_FILE]
    if len(problems) > MOST_OF_A_FILE:
        yield f"{len(problems) - MOST_OF_A_FILE:,} more in the same file"


def _verdicts(config: Config, asked: Sequence[Flow], root: Path) -> Iterator[ConfigError]:
    """Verdicts that no flow gives would keep and drop nothing."""
    given = dict.fromkeys(name for flow in asked for name in flow.verdicts)
    for name in config.curate.verdicts:
        if name not in given:
            hint = f"known: {', '.join(given) or 'none'}"
            message = f"curate.verdicts: no flow of generate.flows gives a verdict {name!r}"
            yield mistake(root, [("curate", "verdicts", name)], message, hint)


def _raised(check: Callable[[], object]) -> Iterator[ClosedbookError]:
    try:
        check()
    except ClosedbookError as error:
        yield error
