"""A judge asked about sound and spoiled pairs, and what came out, counted with intervals.

A pair is *rejected* if no row of it is left after the judge's steps. Intervals are clustered by
document. A reply without a verdict counts for nothing but its own figure.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from closedbook.engine import OPEN_ROWS, Account, Engine, Row, Yield, run_interruptible
from closedbook.errors import InputError
from closedbook.evaluation.statistics import Share, share
from closedbook.events import Emit
from closedbook.flows.stage import Columns, source_row
from closedbook.hints import command
from closedbook.judging.corrupting import Corruption, Sound, corrupted
from closedbook.judging.judge import Judge
from closedbook.judging.pairs import FROM_DOCUMENTS
from closedbook.judging.words import names_in
from closedbook.records import Document, QAPair

Kind = Literal["untouched"] | Corruption
KINDS: tuple[Kind, ...] = ("untouched", *get_args(Corruption))
Outcome = Literal["kept", "rejected", "no verdict"]
STAGE = "judge-check"
_STRANGERS = 200
"""Names and answers of other documents that may stand in where the own one has too few."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One pair put before the judge."""

    kind: Kind
    document: Document
    pair: QAPair
    answer: str


@dataclass(frozen=True, slots=True)
class JudgeCheck:
    """`found` is the share of rejected pairs by kind: for spoiled ones the recall, for untouched
    ones the false alarms. `precision` is the share of spoiled ones among the rejected, as many of
    each kind as were made; None where nothing was rejected. `no_verdict` counts replies that could
    not be read or never came; `passed_before` is whether the pairs were kept by a judge already;
    `pairs` were checked, about so many `documents`."""

    flow: str
    found: Mapping[Kind, Share]
    recall: Share
    precision: Share | None
    no_verdict: int
    asks: int
    passed_before: bool
    pairs: int
    documents: int


def check_judge(
    judge: Judge,
    pairs: Sequence[QAPair],
    documents: Mapping[str, Document],
    account: Account,
    emit: Emit,
    *,
    given: Columns,
    seed: int,
) -> JudgeCheck:
    """Put `pairs`, as they are and spoiled, before `judge`. `documents` are by id; `given` are
    columns of the project's. Raises InputError without pairs, RunError as a stage does."""
    trials = list(_trials(pairs, documents, seed))
    if not any(trial.kind != "untouched" for trial in trials):
        hint = "generate pairs, or name documents with names and numbers in them"
        raise InputError("there are no pairs to spoil", hint=hint)
    yields = run_interruptible(_judged, judge, trials, account, emit, given)
    outcomes = [_outcome(judge, given_back) for given_back in yields]
    asks = sum(tally.asks for item in yields for tally in item.steps.values())
    return _counted(judge.flow, trials, outcomes, asks)


def _trials(
    pairs: Sequence[QAPair], documents: Mapping[str, Document], seed: int
) -> Iterator[Trial]:
    strange_names = [
        name for document in documents.values() for name in names_in(document.text)[:5]
    ][:_STRANGERS]
    strange_answers = [pair.answer for pair in pairs][:_STRANGERS]
    for pair in pairs:
        document = documents[pair.document_id]
        answers = [other.answer for other in pairs if other.document_id == document.id]
        sound = Sound(
            pair,
            document.text,
            names_in(document.text) or strange_names,
            [text for text in answers if text != pair.answer] or strange_answers,
        )
        yield Trial("untouched", document, pair, pair.answer)
        for kind, answer in corrupted(sound, seed).items():
            yield Trial(kind, document, pair, answer)


async def _judged(
    judge: Judge, trials: Sequence[Trial], account: Account, emit: Emit, given: Columns
) -> list[Yield]:
    kept: dict[int, Yield] = {}

    async def keep(ordinal: int, yields: Sequence[Yield]) -> None:
        (kept[ordinal],) = yields

    rows = (_row(judge, number, trial, given) for number, trial in enumerate(trials))
    open_rows = max(OPEN_ROWS, 2 * account.slots)
    async with account.asker() as asker:
        engine = Engine(STAGE, [judge.lane], asker, emit, open_rows=open_rows)
        await engine.run(rows, len(trials), keep)
    return [kept[number] for number in range(len(trials))]


def _row(judge: Judge, number: int, trial: Trial, given: Columns) -> Row:
    source = source_row(trial.document, given)
    pair = trial.pair
    columns = {
        **dict.fromkeys(judge.columns, ""),
        **source.columns,
        "question": pair.question,
        "answer": trial.answer,
        "evidence": pair.evidence,
        "reasoning": pair.reasoning,
    }
    return Row(f"{source.id}/{number}", source.subject, columns)


def _outcome(judge: Judge, given: Yield) -> Outcome:
    if given.rows:
        return "kept"
    formless = all(item.step in judge.asks for item in given.rejections)
    return "no verdict" if given.unanswered or formless else "rejected"


def _counted(
    flow: str, trials: Sequence[Trial], outcomes: Sequence[Outcome], asks: int
) -> JudgeCheck:
    told = [
        (trial, outcome == "rejected")
        for trial, outcome in zip(trials, outcomes, strict=True)
        if outcome != "no verdict"
    ]
    if not any(trial.kind != "untouched" for trial, _ in told):
        raise InputError(f"the judge of {flow} gave no verdict", hint=f"see: {command('flow try')}")
    by_kind = {kind: [item for item in told if item[0].kind == kind] for kind in KINDS}
    rejected = [trial for trial, is_rejected in told if is_rejected]
    return JudgeCheck(
        flow,
        {kind: _share(chosen) for kind, chosen in by_kind.items() if chosen},
        _share([item for item in told if item[0].kind != "untouched"]),
        _share([(trial, trial.kind != "untouched") for trial in rejected]) if rejected else None,
        outcomes.count("no verdict"),
        asks,
        any(trial.pair.flow != FROM_DOCUMENTS for trial in trials),
        sum(trial.kind == "untouched" for trial in trials),
        len({trial.document.id for trial in trials}),
    )


def _share(chosen: Sequence[tuple[Trial, bool]]) -> Share:
    """Of how many pairs it was so, clustered by document."""
    flags = [float(flag) for _, flag in chosen]
    documents = [trial.document.id for trial, _ in chosen]
    return share(flags, [1.0] * len(flags), documents, len(flags))
