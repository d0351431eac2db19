"""What a student may have forgotten: general questions of ours, and a user's `regression.jsonl`.

Arithmetic, following instructions and going on with a conversation, in forms that a few words
answer; and whether thinking can still be switched on and off. They are asked before and
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
from closedbook.records import Message, plain

GENERAL = Path(__file__).parent / "retention" / "general.jsonl"
NO_SWITCH = "closed book, not asked: this student's thinking cannot be switched"
REGRESSION = "regression.jsonl"
"""The user's own questions, in the project's folder, in the form of an exam."""


def general_files(root: Path, *, published: bool) -> dict[str, Path]:
    """The files of what is asked beside the exams, by name; ours only of a `published` student,
    since the built-in one never learned such things."""
    files = {"general": GENERAL} if published else {}
    own = root / REGRESSION
    return {**files, "regression": own} if own.is_file() else files


def general_exams(
    files: Mapping[str, Path], judge: Judge | None = None, *, switches: bool
) -> Iterator[Exam]:
    """As exams, closed book; ours are marked by rule alone. A student whose thinking cannot be
    switched (`switches`) is not asked to. Raises InputError as `load_exam`."""
    for name, file in files.items():
        questions = load_exam(file, general=True)
        asked = tuple(item for item in questions if switches or item.thinking is None)
        missing = len(questions) - len(asked)
        left_out = {NO_SWITCH: missing} if missing else {}
        yield Exam(name, asked, ("closed_book",), None if file == GENERAL else judge, left_out)


def in_replay(files: Mapping[str, Path], turns: Iterable[Message]) -> Iterator[InputError]:
    """A problem for each file of which a question is a user's turn in the replay."""
    if not files:
        return
    said = {plain(turn.content) for turn in turns if turn.role == "user"}
    for file in files.values():
        questions = load_exam(file, general=True)
        # Later turns ("And then?") are of many conversations.
        repeated = [q for q in questions if plain((*q.before, q.question)[0]) in said]
        if repeated:
            yield InputError(
                f"{file}: {len(repeated)} of its questions are in the replay, the first: "
                f"{repeated[0].question!r}",
                hint="take them out of the replay: what is replayed cannot show forgetting",
            )
