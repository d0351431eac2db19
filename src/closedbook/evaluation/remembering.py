"""What a student may have forgotten: general questions of ours, and a user's `regression.jsonl`.

Arithmetic and following instructions, in forms that a few words answer. They are asked before and
after training, closed book. Invariant: none of them may be in a replay, or forgetting would not
show; `in_replay` says which are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from closedbook.errors import InputError
from closedbook.evaluation.exam import Exam
from closedbook.evaluation.judge import Judge
from closedbook.evaluation.own_exam import load_exam
from closedbook.records import Message, Question

GENERAL = Path(__file__).parent / "retention" / "general.jsonl"
REGRESSION = "regression.jsonl"
"""The user's own questions, in the project's folder, in the form of an exam."""


def general_files(root: Path, *, published: bool) -> dict[str, Path]:
    """The files of what is asked beside the exams, by name; ours only of a `published` student,
    since the built-in one never learned such things."""
    files = {"general": GENERAL} if published else {}
    own = root / REGRESSION
    return {**files, "regression": own} if own.is_file() else files


def general_exams(files: Mapping[str, Path], judge: Judge | None = None) -> list[Exam]:
    """As exams, closed book; ours are marked by rule alone. Raises InputError as `load_exam`."""
    return [
        Exam(name, tuple(load_exam(file)), ("closed_book",), None if file == GENERAL else judge)
        for name, file in files.items()
    ]


def in_replay(files: Mapping[str, Path], turns: Iterable[Message]) -> Iterator[InputError]:
    """A problem for each file of which a question is a user's turn in the replay."""
    if not files:
        return
    said = {_plain(turn.content) for turn in turns if turn.role == "user"}
    for file in files.values():
        repeated = [item for item in load_exam(file) if _is_said(item, said)]
        if repeated:
            yield InputError(
                f"{file}: {len(repeated)} of its questions are in the replay, the first: "
                f"{repeated[0].question!r}",
                hint="take them out of the replay: what is replayed cannot show forgetting",
            )


def _is_said(question: Question, said: set[str]) -> bool:
    return _plain(question.question) in said


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()
