"""The figures of one arm under one condition, and of two arms compared.

Knows answers and statistics, not files or plans. Invariant: no accuracy without its interval.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial

from closedbook.evaluation import statistics
from closedbook.evaluation.cells import Answers, Cell, Mark, clusters
from closedbook.evaluation.significance import Flipping, holm, mcnemar
from closedbook.records import Comparison, Letter, Part, Result
from closedbook.students import LETTERS

Pair = tuple[Cell, Answers]


def result(cell: Cell, answers: Answers, *, reviewed: bool) -> Result:
    """What an arm achieved; only counts where nobody reviewed the exam."""
    every = list(answers.values())
    marks = [mark for answered in every for mark in answered.marks.values()]
    counted = Result(
        *cell,
        n=len(every),
        documents=len(set(clusters(answers, answers))),
        chance=sum(1 / a.options for a in every if a.options) / len(every),
        answers=len(marks),
        unparsed=sum(not mark.parsed and not mark.failed for mark in marks),
        truncated=sum(mark.truncated for mark in marks),
        forced=sum(mark.forced for mark in marks),
        failed=sum(mark.failed for mark in marks),
        retrieved_right=_mean(a.right_document for a in every),
        evidence_recall=_mean(a.evidence for a in every),
        prompt_tokens=_mean(mark.prompt_tokens for mark in marks),
        completion_tokens=_mean(mark.completion_tokens for mark in marks),
        seconds=_mean(mark.seconds for mark in marks),
    )
    if not reviewed:
        return counted
    whole = _accuracy(answers, list(answers))
    return replace(
        counted,
        accuracy=whole.accuracy,
        interval=whole.interval,
        method=whole.method,
        parsed=_of_answers(answers, lambda mark: mark.parsed),
        hard=_of_kind(answers, hard=True),
        easy=_of_kind(answers, hard=False),
        letters=tuple(_letters(answers, marks)),
    )


def compared(pairs: Sequence[tuple[Pair, Pair]], how: Flipping) -> tuple[Comparison, ...]:
    """The second of each pair subtracted from the first, on the questions that both answered; p
    adjusted over all pairs. A pair that shares no question is left out."""
    made = [_comparison(arm, against, how) for arm, against in pairs if _shared(arm[1], against[1])]
    adjusted = holm([item.p for item in made])
    return tuple(replace(item, p_holm=p) for item, p in zip(made, adjusted, strict=True))


def _comparison(arm: Pair, against: Pair, how: Flipping) -> Comparison:
    (exam, name, condition), answers = arm
    (_, other, _), theirs = against
    shared = _shared(answers, theirs)
    found = statistics.difference(
        [answers[key].score for key in shared],
        [theirs[key].score for key in shared],
        clusters(answers, shared),
        how,
    )
    flips = [(answers[key].right, theirs[key].right) for key in shared]
    gained, lost = flips.count((True, False)), flips.count((False, True))
    return Comparison(
        exam=exam,
        condition=condition,
        arm=name,
        against=other,
        n=len(shared),
        unpaired=len(answers) + len(theirs) - 2 * len(shared),
        difference=found.value,
        interval=found.interval,
        method=found.method,
        p=found.p,
        p_holm=found.p,
        mcnemar=mcnemar(gained, lost),
        gained=gained,
        lost=lost,
        detectable=found.detectable,
        relative=found.relative,
        relative_interval=found.relative_interval,
    )


def _shared(answers: Answers, theirs: Answers) -> list[str]:
    """The questions both answered: the same id, wording, options and right answer."""
    return [key for key, own in answers.items() if key in theirs and theirs[key].asked == own.asked]


def _of_kind(answers: Answers, *, hard: bool) -> Part | None:
    keys = [key for key, answered in answers.items() if answered.hard is hard]
    return _accuracy(answers, keys) if keys else None


def _accuracy(answers: Answers, keys: Sequence[str]) -> Part:
    """The accuracy on some questions, of which there is at least one."""
    chosen = [answers[key] for key in keys]
    scores = [answered.score for answered in chosen]
    worth = sum(len(answered.marks) for answered in chosen)
    return _part(statistics.share(scores, [1.0] * len(keys), clusters(answers, keys), worth))


def _of_answers(answers: Answers, wanted: Callable[[Mark], bool]) -> Part | None:
    """The accuracy on some single answers; None without any."""
    chosen = {
        key: [mark for mark in answered.marks.values() if wanted(mark)]
        for key, answered in answers.items()
    }
    keys = [key for key, marks in chosen.items() if marks]
    if not keys:
        return None
    right = [sum(mark.correct for mark in chosen[key]) for key in keys]
    asked = [len(chosen[key]) for key in keys]
    return _part(statistics.share(right, asked, clusters(answers, keys), sum(asked)))


def _part(found: statistics.Share) -> Part:
    return Part(found.n, found.value, found.interval, found.method)


def _letters(answers: Answers, marks: Sequence[Mark]) -> Iterator[Letter]:
    most = max(answered.options for answered in answers.values())
    for place, letter in enumerate(LETTERS[:most]):
        chosen = sum(mark.chosen == place for mark in marks) / len(marks)
        part = _of_answers(answers, partial(_stood_at, place))
        found = (part.n, chosen, part.accuracy, part.interval) if part else (0, chosen)
        yield Letter(letter, *found)


def _stood_at(place: int, mark: Mark) -> bool:
    return mark.gold == place


def _mean(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None
