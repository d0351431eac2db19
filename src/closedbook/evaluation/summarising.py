"""What the responses of all arms add up to.

Knows the plan of comparisons, not how answers were made or figures computed. Invariants: arms are
compared on exactly the same questions; of an unreviewed exam there is no accuracy at all, only what
was checked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from pydantic import TypeAdapter

from closedbook.config import Evaluate
from closedbook.errors import EvaluationError
from closedbook.evaluation.cells import Answers, Cell, read_cells
from closedbook.evaluation.measuring import compared, result
from closedbook.evaluation.significance import Flipping
from closedbook.events import Counts
from closedbook.records import BASE, CUSTOMISED, SUMMARY_VERSION, Condition, Summary, in_words
from closedbook.store import write_json

SUMMARY = "summary.json"
_STORED = TypeAdapter(Summary)

NOTHING_ASKED = "no question with four options could be made of these documents: none was asked"
WITHOUT_ARM: tuple[Condition, ...] = ("longest_option",)
"""Conditions that ask no model: every arm gets the same."""


def summarise(
    arms: Mapping[str, Path], settings: Evaluate, out: Path, *, unreviewed: str = ""
) -> Counts:
    """Write `out/summary.json` from each arm's response rows.

    `unreviewed`, why nobody can say what is right, leaves every accuracy and comparison out. Raises
    EvaluationError at an answer that contradicts itself or is given twice.
    """
    cells, reviewed = read_cells(arms), not unreviewed
    if reviewed and not cells:
        raise EvaluationError("no responses to summarise")
    pairs = [((c, cells[c]), (r, cells[r])) for c, r in _planned(cells)] if reviewed else []
    checked = tuple(_checks(cells)) if cells else (NOTHING_ASKED,)
    summary = Summary(
        version=SUMMARY_VERSION,
        reviewed=reviewed,
        results=tuple(result(cell, cells[cell], reviewed=reviewed) for cell in cells),
        comparisons=compared(pairs, Flipping(settings.resamples, settings.seed)),
        checked=(unreviewed, *checked) if unreviewed else checked,
    )
    # What was not computed has no key.
    write_json(out / SUMMARY, _STORED.dump_python(summary, exclude_none=True))
    return {"results": len(summary.results), "comparisons": len(summary.comparisons)}


def _checks(cells: Mapping[Cell, Answers]) -> Iterator[str]:
    """Sentences on what holds for all responses, and where arms answered different questions."""
    for exam in dict.fromkeys(exam for exam, _, _ in cells):
        yield _extent(exam, {cell: rows for cell, rows in cells.items() if cell[0] == exam})
    asked: dict[tuple[str, Condition], set[str]] = {}
    for (exam, _, condition), answers in cells.items():
        asked.setdefault((exam, condition), set()).update(answers)
    fewer = [
        f"{exam}, {in_words(condition)}: {arm} answered {len(answers)} of "
        f"{len(asked[exam, condition])} questions; comparisons use those that both arms answered."
        for (exam, arm, condition), answers in cells.items()
        if len(answers) < len(asked[exam, condition])
    ]
    yield from fewer or ["Every arm answered the same questions under each condition."]
    yield "No answer was given twice."
    yield "Where options were scored, every one was, and the best was taken as the answer."


def _extent(exam: str, cells: Mapping[Cell, Answers]) -> str:
    questions = {key: row for answers in cells.values() for key, row in answers.items()}
    documents = {row.document for row in questions.values()} - {""}
    arms = len({arm for _, arm, _ in cells})
    conditions = dict.fromkeys(in_words(condition) for _, _, condition in cells)
    responses = sum(len(row.marks) for answers in cells.values() for row in answers.values())
    return (
        f"{exam}: {len(questions)} questions about {len(documents)} documents, answered by "
        f"{arms} arms ({', '.join(conditions)}): {responses} responses."
    )


def _planned(cells: Iterable[Cell]) -> Iterator[tuple[Cell, Cell]]:
    """Every arm against the base; the main one (`customised`, else the first) against each other,
    closed book."""
    known = [cell for cell in cells if cell[2] not in WITHOUT_ARM]
    arms = dict.fromkeys(arm for _, arm, _ in known if arm != BASE)
    main = CUSTOMISED if CUSTOMISED in arms else next(iter(arms), CUSTOMISED)
    for exam, arm, condition in known:
        if arm != BASE and (exam, BASE, condition) in known:
            yield (exam, arm, condition), (exam, BASE, condition)
    for exam, arm, condition in known:
        ours: Cell = (exam, main, condition)
        if condition == "closed_book" and arm not in {BASE, main} and ours in known:
            yield ours, (exam, arm, condition)
