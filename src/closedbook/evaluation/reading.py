"""The exams of a project, read, split and told apart by a digest.

Knows every kind of exam a config can name; not how questions are asked. Invariants: the same
settings and files give the same questions in the same splits; what cannot be asked is kept with the
reason.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from closedbook.config import AnyExam, FileExam, QualityExam
from closedbook.errors import InputError
from closedbook.evaluation.own_exam import exam_problems, load_exam
from closedbook.evaluation.quality import questions_of, read_articles, subset
from closedbook.events import Counts, Emit, Notice
from closedbook.records import UNREVIEWED, Question, Rejection
from closedbook.store import Place, write_json, write_rows

EXAM = "exam.jsonl"


@dataclass(frozen=True, slots=True)
class ExamRead:
    """An exam as it was read; its `digest` is of the questions, not of their splits."""

    questions: tuple[Question, ...]
    rejections: tuple[Rejection, ...]

    @property
    def digest(self) -> str:
        state = hashlib.blake2b(digest_size=8)
        for question in self.questions:
            state.update(f"{question.content}\n".encode())
        return state.hexdigest()

    @property
    def chosen(self) -> int:
        """How many questions may pick checkpoints."""
        return sum(question.split == "choose" for question in self.questions)


def files_of(settings: AnyExam, root: Path) -> list[Path]:
    """The files an exam is read from."""
    paths = settings.paths if isinstance(settings, QualityExam) else (settings.path,)
    return [root / path for path in paths]


def read_exam(settings: AnyExam, root: Path, name: str = "exam") -> ExamRead:
    """The exam of these settings. Raises InputError where its files hold none, or if it is not the
    one that was frozen."""
    rejections: list[Rejection] = []
    files = files_of(settings, root)
    if isinstance(settings, FileExam):
        questions = load_exam(files[0])
    else:
        articles = subset(read_articles(files), settings.titles)
        questions, rejections = questions_of(articles, hard_only=settings.hard)
        if not questions:
            raise InputError(
                f"{', '.join(map(str, files))}: no question with a label in them",
                hint="the test split of QuALITY has none: name train and dev",
            )
    named = [replace(question, exam=name) for question in questions]
    read = ExamRead(tuple(_split(named, settings)), tuple(rejections))
    if settings.frozen not in ("", read.digest):
        raise InputError(
            f"{name}: the exam is {read.digest}, not {settings.frozen} as frozen: a changed exam is"
            " a new exam",
            hint=f"put the old questions back, or set frozen: {read.digest} and compare no results",
        )
    return read


def load_exams(exams: Mapping[str, AnyExam], root: Path) -> dict[str, ExamRead]:
    """Every exam by name; raises as `read_exam` does, and InputError where two questions of
    different exams have one id."""
    read = {name: read_exam(settings, root, name) for name, settings in exams.items()}
    known: dict[str, Question] = {}
    for name, exam in read.items():
        for question in exam.questions:
            first = known.setdefault(question.id, question)
            if first.content != question.content:
                told = f"{name}: the id {question.id!r} of another question in {first.exam}"
                raise InputError(told, hint="give one of the two another id")
    return read


def examine_exam(
    settings: AnyExam, root: Path, name: str
) -> tuple[Sequence[Question], list[InputError]]:
    """The questions of an exam, none if something is wrong with it, and all that is wrong."""
    problems: list[InputError] = []
    if isinstance(settings, FileExam):
        problems = exam_problems(root / settings.path)
    try:
        return ((), problems) if problems else (read_exam(settings, root, name).questions, [])
    except InputError as error:
        return (), [error]


def exams_of(exams: Mapping[str, AnyExam], place: Place) -> dict[str, ExamRead]:
    """As `load_exams`; where none is named, the one that the teacher generated, if it has."""
    if exams or not place.has_exam:
        return load_exams(exams, place.root)
    return {UNREVIEWED: ExamRead(tuple(load_exam(place.exam)), ())}


def read_exams(exams: Mapping[str, AnyExam], root: Path, out: Path, emit: Emit) -> Counts:
    """Write exam.jsonl (the questions of all, in order), rejections.jsonl and exams.json (the
    digest and the counts of each) into `out`."""
    read = load_exams(exams, root)
    for name, exam in read.items():
        _tell(name, exam, emit)
    questions = [question for exam in read.values() for question in exam.questions]
    rejections = [reason for exam in read.values() for reason in exam.rejections]
    known = {name: _described(exams[name], exam) for name, exam in read.items()}
    write_json(out / "exams.json", known)
    write_rows(out / "rejections.jsonl", rejections)
    counts = {
        "questions": write_rows(out / EXAM, questions),
        "documents": len({question.document for question in questions} - {""}),
        "choose": sum(exam.chosen for exam in read.values()),
        "rejected": len(rejections),
    }
    return {name: count for name, count in counts.items() if count or name == "questions"}


def _tell(name: str, exam: ExamRead, emit: Emit) -> None:
    nowhere = sum(not question.document for question in exam.questions)
    if nowhere:
        emit(Notice("exam", f"{nowhere} questions name no document: each counts as its own"))
    for reason, count in Counter(item.reason for item in exam.rejections).items():
        emit(Notice("exam", f"{name}: {count} questions are not asked: {reason}"))


def _described(settings: AnyExam, exam: ExamRead) -> dict[str, str | int]:
    return {
        "kind": settings.kind,
        "digest": exam.digest,
        "questions": len(exam.questions),
        "choose": exam.chosen,
        "sealed": len(exam.questions) - exam.chosen,
        "hard": sum(question.hard is True for question in exam.questions),
        "rejected": len(exam.rejections),
    }


def _split(questions: Sequence[Question], settings: AnyExam) -> Sequence[Question]:
    """The questions with their splits; what a file says of its own questions stands."""
    if not settings.choose:
        return questions
    units = [
        question.id if settings.choose_by == "question" else question.document or question.id
        for question in questions
    ]
    order = sorted(set(units), key=lambda unit: _rank(unit, settings))
    chosen = set(order[: round(settings.choose * len(order))])
    return [
        replace(question, split="choose") if unit in chosen else question
        for question, unit in zip(questions, units, strict=True)
    ]


def _rank(unit: str, settings: AnyExam) -> tuple[bytes, str]:
    """Titles in their order, anything else by chance."""
    if settings.choose_by == "title":
        return b"", unit
    return hashlib.blake2b(f"{settings.seed}\n{unit}".encode(), digest_size=8).digest(), unit
