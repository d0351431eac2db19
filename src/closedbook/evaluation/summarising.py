"""What the responses of all arms add up to.

Knows response rows and the plan of comparisons, not how answers were made. Invariants: every
accuracy has an interval; arms are compared on exactly the same questions; of an unreviewed exam
there is no accuracy at all, only what was checked.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from closedbook.config import Evaluate
from closedbook.errors import EvaluationError
from closedbook.evaluation import statistics
from closedbook.evaluation.exam import in_words
from closedbook.events import Counts
from closedbook.records import (
    BASE,
    CUSTOMISED,
    SUMMARY_VERSION,
    Comparison,
    Condition,
    Response,
    Result,
    Summary,
)
from closedbook.store import read_rows, write_json

SUMMARY = "summary.json"

NOTHING_ASKED = "no question with four options could be made of these documents: none was asked"
Cell = tuple[str, str, Condition]
"""Exam, arm, condition."""
Answers = Mapping[str, Response]
"""Responses by question id, in the order of the file."""


def summarise(
    arms: Mapping[str, Path], settings: Evaluate, out: Path, *, reviewed: bool = True
) -> Counts:
    """Write `out/summary.json` from each arm's response rows.

    `reviewed=False` (an exam generated and read by nobody) leaves every accuracy and comparison
    out. Raises EvaluationError if arms did not answer the same questions.
    """
    cells = _cells(arms)
    if reviewed and not cells:
        raise EvaluationError("no responses to summarise")
    checked = tuple(_checks(cells)) if cells else (NOTHING_ASKED,)
    how = statistics.Resampling(settings.resamples, settings.seed)
    summary = Summary(
        version=SUMMARY_VERSION,
        reviewed=reviewed,
        results=tuple(_result(cell, cells[cell], how, reviewed) for cell in cells),
        comparisons=_comparisons(cells, how) if reviewed else (),
        checked=checked,
    )
    write_json(out / SUMMARY, _without_none(asdict(summary)))
    return {"results": len(summary.results), "comparisons": len(summary.comparisons)}


def _cells(arms: Mapping[str, Path]) -> dict[Cell, dict[str, Response]]:
    cells: dict[Cell, dict[str, Response]] = {}
    for arm, path in arms.items():
        for response in read_rows(path, Response):
            answers = cells.setdefault((response.exam, arm, response.condition), {})
            if response.question_id in answers:
                raise EvaluationError(f"{path}: {response.question!r} is answered twice")
            answers[response.question_id] = response
    return cells


def _checks(cells: Mapping[Cell, Answers]) -> Iterator[str]:
    """Sentences on what holds for all responses; raises EvaluationError at what does not."""
    reference: dict[tuple[str, Condition], tuple[str, Answers]] = {}
    for (exam, arm, condition), answers in cells.items():
        other, theirs = reference.setdefault((exam, condition), (arm, answers))
        if theirs.keys() != answers.keys():
            raise EvaluationError(
                f"{exam}, {condition}: {arm} and {other} did not answer the same questions",
                hint="evaluate both again",
            )
        for response in answers.values():
            _check(response, arm)
    for exam in dict.fromkeys(exam for exam, _, _ in cells):
        yield _extent(exam, {cell: rows for cell, rows in cells.items() if cell[0] == exam})
    yield "Every arm answered the same questions under each condition, each once."
    yield "Where options were scored, every one was, and the best was taken as the answer."


def _extent(exam: str, cells: Mapping[Cell, Answers]) -> str:
    questions = {key: row for answers in cells.values() for key, row in answers.items()}
    documents = {row.document for row in questions.values()} - {""}
    arms = len({arm for _, arm, _ in cells})
    conditions = dict.fromkeys(in_words(condition) for _, _, condition in cells)
    return (
        f"{exam}: {len(questions)} questions about {len(documents)} documents, answered by "
        f"{arms} arms ({', '.join(conditions)}): {sum(map(len, cells.values()))} responses."
    )


def _check(response: Response, arm: str) -> None:
    chosen = response.chosen
    sound = (
        response.arm == arm
        and (chosen is None or chosen in range(len(response.options)))
        and bool(response.extracted or not response.correct)
        and _scored_soundly(response)
        and (not response.options or response.correct == (chosen == response.answer))
    )
    if not sound:
        raise EvaluationError(f"{arm}: the response to {response.question!r} contradicts itself")


def _scored_soundly(response: Response) -> bool:
    scores = response.scores
    if not scores:
        return True
    best = response.chosen is not None and scores[response.chosen] == max(scores)
    return len(scores) == len(response.options) and not any(map(math.isnan, scores)) and best


def _result(cell: Cell, answers: Answers, how: statistics.Resampling, reviewed: bool) -> Result:
    rows = list(answers.values())
    clusters = _clusters(rows)
    placed = [row for row in rows if row.document]
    found = [row.document in row.titles for row in placed]
    result = Result(
        *cell,
        n=len(rows),
        documents=len(set(clusters)),
        chance=sum(1 / len(row.options) for row in rows) / len(rows),
        retrieved_right=sum(found) / len(found) if cell[2] == "rag" and found else None,
    )
    if not reviewed:
        return result
    share = statistics.share([row.correct for row in rows], clusters, how)
    return replace(result, accuracy=share.value, interval=share.interval, method=share.method)


def _comparisons(
    cells: Mapping[Cell, Answers], how: statistics.Resampling
) -> tuple[Comparison, ...]:
    """Every planned comparison, p adjusted over all of them."""
    made = [_comparison(cells, *planned, how) for planned in _planned(cells)]
    adjusted = statistics.holm([item.p for item in made])
    return tuple(replace(item, p_holm=p) for item, p in zip(made, adjusted, strict=True))


def _planned(cells: Iterable[Cell]) -> Iterator[tuple[Cell, Cell]]:
    """Every arm against the base; the main one (`customised`, else the first) against each other,
    closed book."""
    known = list(cells)
    arms = dict.fromkeys(arm for _, arm, _ in known if arm != BASE)
    main = CUSTOMISED if CUSTOMISED in arms else next(iter(arms), CUSTOMISED)
    for exam, arm, condition in known:
        if arm != BASE and (exam, BASE, condition) in known:
            yield (exam, arm, condition), (exam, BASE, condition)
    for exam, arm, condition in known:
        ours: Cell = (exam, main, condition)
        if condition == "closed_book" and arm not in {BASE, main} and ours in known:
            yield ours, (exam, arm, condition)


def _comparison(
    cells: Mapping[Cell, Answers], cell: Cell, reference: Cell, how: statistics.Resampling
) -> Comparison:
    answers, theirs = cells[cell], cells[reference]
    rows = list(answers.values())
    found = statistics.difference(
        [row.correct for row in rows],
        [theirs[row.question_id].correct for row in rows],
        _clusters(rows),
        how,
    )
    exam, arm, condition = cell
    return Comparison(
        exam=exam,
        condition=condition,
        arm=arm,
        against=reference[1],
        n=found.n,
        difference=found.value,
        interval=found.interval,
        method=found.method,
        p=found.p,
        p_holm=found.p,
        gained=found.gained,
        lost=found.lost,
        relative=found.relative,
    )


def _clusters(rows: Sequence[Response]) -> list[str]:
    """A question that names no document is a cluster of its own."""
    return [row.document or f"\0{row.question_id}" for row in rows]


def _without_none(value: Any) -> Any:
    """What was not computed has no key."""
    if isinstance(value, dict):
        return {key: _without_none(item) for key, item in value.items() if item is not None}
    if isinstance(value, list | tuple):
        return [_without_none(item) for item in value]
    return value
