"""Any two sets of responses compared: projects, folders of an arm, or files of response rows.

Knows where response rows lie and which of two sets belong together; figures are `measuring`'s.
Invariants: what only one side answered is counted, never dropped in silence; of an exam that nobody
has reviewed nothing is compared, since nobody knows which answers are right.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from closedbook.errors import InputError
from closedbook.evaluation.answering import RESPONSES
from closedbook.evaluation.cells import Answers, Cell, read_cells
from closedbook.evaluation.measuring import compared
from closedbook.evaluation.significance import Flipping
from closedbook.records import UNREVIEWED, Comparison, Response
from closedbook.store import read_rows

FOLDERS = ("", "evaluate", "out/evaluate")
"""Where a folder that is given may hold the arms' folders: it is evaluate, out or a project."""

REVIEWED_ONLY = (
    "a generated exam counts once a person has read and accepted it (closedbook exam accept), a "
    "rehearsal's never"
)


@dataclass(frozen=True, slots=True)
class Compared:
    """`comparisons` are second minus first; `alone` says what only one side has."""

    comparisons: tuple[Comparison, ...]
    alone: tuple[str, ...]


def compare(first: Path, second: Path, how: Flipping | None = None) -> Compared:
    """What `second` does better than `first`, under each exam and condition that both sat.

    Arms of the same name are compared; where no name is shared and one side has a single arm, it is
    compared with every arm of the other. Raises InputError where there are no responses, none to
    the same questions, or only such as nobody knows to be right.
    """
    sides = [(folder, read_cells(_responses(folder))) for folder in (first, second)]
    (_, before), (_, after) = sides
    pairs = list(_pairs(before, after))
    known = [((b, after[b]), (a, before[a])) for a, b in pairs if a[0] != UNREVIEWED]
    made = compared(known, how or Flipping())
    if pairs and not known:
        told = f"{first} and {second} answered an exam that nobody has reviewed"
        raise InputError(told, hint=REVIEWED_ONLY)
    if not made:
        raise InputError(
            f"{first} and {second} share no question under the same exam and condition",
            hint="compare answers to the same exam",
        )
    met = {(c.exam, c.condition, arm) for c in made for arm in (c.arm, c.against)}
    alone = tuple(
        f"only in {folder}: {exam}, {arm}, {condition}: {len(answers)} questions"
        for folder, cells in sides
        for (exam, arm, condition), answers in cells.items()
        if (exam, condition, arm) not in met
    )
    return Compared(made, alone)


def _pairs(
    before: Mapping[Cell, Answers], after: Mapping[Cell, Answers]
) -> Iterator[tuple[Cell, Cell]]:
    arms = [{arm for _, arm, _ in side} for side in (before, after)]
    any_name = min(map(len, arms)) == 1 and not arms[0] & arms[1]
    for first in before:
        for second in after:
            same = (first[0], first[2]) == (second[0], second[2])
            if same and (any_name or first[1] == second[1]):
                yield first, second


def _responses(given: Path) -> dict[str, Path]:
    """The response files by arm at a path a person gave."""
    if given.is_file():
        return {_arm(given): given}
    if (given / RESPONSES).is_file():
        return {_arm(given / RESPONSES): given / RESPONSES}
    for folder in FOLDERS:
        found = sorted((given / folder).glob(f"*/{RESPONSES}"))
        if found:
            return {_arm(file): file for file in found}
    raise InputError(
        f"{given}: no responses there",
        hint=f"name a project, a folder out/evaluate/ARM or a file like {RESPONSES}",
    )


def _arm(file: Path) -> str:
    try:
        return next(read_rows(file, Response)).arm
    except StopIteration:
        raise InputError(f"{file}: no responses in it") from None
    except ValueError as error:
        raise InputError(
            f"{file}:1: not a row of responses", hint="docs/results.md says what one holds"
        ) from error
