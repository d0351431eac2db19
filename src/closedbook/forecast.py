"""What generating will take, found by doing it for a few documents drawn at random.

The pilot's answers are bought and kept: the run that follows asks them no second time. Knows what
documents gave and what requests took; whether that is too much is the user's to say.
"""

from __future__ import annotations

import math
import random
import statistics
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from closedbook.config import EndpointModel, TeacherModel
from closedbook.engine import Yield
from closedbook.errors import BudgetExhausted, ClosedbookError, InputError
from closedbook.evaluation import exams_of
from closedbook.evaluation.statistics import student_t
from closedbook.events import Emit, Notice
from closedbook.flows.stage import FlowStage
from closedbook.hints import command, counted
from closedbook.records import Document
from closedbook.stages import Setup
from closedbook.store import read_rows
from closedbook.store.accounts import Pace, overall, pace

PILOT = 20
"""Documents of the largest pilot chosen unasked; in a smaller one no spread says nothing."""
LEAST_PILOT = 5
LEVEL = 0.975
FEWER = "--documents N asks about N"


@dataclass(frozen=True, slots=True)
class Estimate:
    """A total over all documents with its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Forecast:
    """What all `documents` will take, the `pilot` ones among them included.

    `totals` has "requests", "rows", "rejected", "to_retry", "prompt_tokens", "completion_tokens",
    "usd" and "hours"; what cannot be known is not there (money without a price, tokens an endpoint
    does not count). `taken` is what of each the pilot's documents took, now or earlier. `steps` has
    rows, made and rejected of each step. `uncounted` says what a run takes beyond that.

    The pilot `sent` so many requests and `paid` so many USD (None: unknown). It is smaller than was
    wished if the budget `stopped` it.
    """

    documents: int
    pilot: int
    totals: Mapping[str, Estimate]
    steps: Mapping[str, Mapping[str, Estimate]]
    uncounted: tuple[str, ...] = ()
    taken: Mapping[str, float] = field(default_factory=dict)
    sent: int = 0
    paid: float | None = None
    stopped: BudgetExhausted | None = None

    def left(self, name: str) -> Estimate:
        """What of a total is still to come: that of the documents that are not in the pilot."""
        total, taken = self.totals[name], self.taken[name]
        # Sums of money are rounded: what is all taken may seem to be a little less.
        return Estimate(*(max(0, end - taken) for end in (total.value, total.low, total.high)))

    def fitting(self, *, usd: float | None = None, hours: float | None = None) -> int | None:
        """How many documents fit, by the upper end of the interval; None if that is unknown."""
        fits = self.documents
        for name, limit in (("usd", usd), ("hours", hours)):
            if limit is None:
                continue
            most = self.totals[name].high if name in self.totals else math.inf
            if math.isinf(most) and not math.isinf(limit):
                return None
            fits = math.floor(min(fits, self.documents * limit / most)) if most else fits
        return fits


def forecast(
    setup: Setup, flow_stage: FlowStage, pilot: int | None, seed: int, emit: Emit
) -> Forecast:
    """Ask the flows of `flow_stage` about `pilot` random documents (None: a tenth, from 5 to 20)
    and scale what they took. A larger pilot of the same seed holds the smaller one's documents.

    Raises InputError without documents, and what asking raises; but where the budget is spent, what
    the documents tell that were finished.
    """
    if pilot is not None and pilot < 1:
        raise InputError("a pilot needs at least one document")
    everything = list(read_rows(setup.place.documents, Document))
    if not everything:
        raise InputError("there are no documents to forecast for", hint=f"see: {command('status')}")
    pilot = pilot or min(PILOT, max(LEAST_PILOT, len(everything) // 10))
    drawn = random.Random(seed).sample(everything, len(everything))[:pilot]
    about = f"{len(drawn):,} of {counted(len(everything), 'document')}"
    emit(Notice(flow_stage.name, f"asks about {about} and buys the answers; {FEWER}"))
    sent, paid = _spent(setup.place.journal)
    given, stopped = _asked(flow_stage, drawn, emit)
    sent_now, paid_now = _spent(setup.place.journal)
    each = [_taken(yields) for yields in given]
    totals = _scaled(each, len(everything))
    taken = {name: sum(one[name] for one in each) for name in totals}
    if taken["requests"] and taken.get("usd") == 0:
        totals["usd"] = Estimate(0, 0, 0)  # who asks nothing for these asks nothing for any
    seen = pace(setup.place.journal)
    if seen is not None:
        depth = max(len(flow.lane.steps) for flow in flow_stage.flows)
        totals["hours"] = in_hours(totals["requests"], seen, flow_stage.account.slots, depth)
    names = [tally for yields in given for part in yields for tally in part.steps]
    return Forecast(
        documents=len(everything),
        pilot=len(given),
        totals=totals,
        steps={
            name: _scaled([_step(yields, name) for yields in given], len(everything))
            for name in dict.fromkeys(names)
        },
        uncounted=tuple(_uncounted(setup)),
        taken=taken,
        sent=sent_now - sent,
        paid=paid_now - paid if "usd" in totals or sent_now == sent else None,
        stopped=stopped,
    )


def _asked(
    flow_stage: FlowStage, drawn: Sequence[Document], emit: Emit
) -> tuple[list[Sequence[Yield]], BudgetExhausted | None]:
    """What each document gave, and why the last of them gave nothing. Raises as asking does, but
    BudgetExhausted only if none was finished."""
    finished: dict[int, Sequence[Yield]] = {}
    try:
        return flow_stage.ask(drawn, emit, finished), None
    except BudgetExhausted as error:
        told = BudgetExhausted(error.message, hint="; ".join(filter(None, (error.hint, FEWER))))
        if not finished:
            raise told from None
        return [finished[place] for place in sorted(finished)], told


def _spent(journal: Path) -> tuple[int, float]:
    """Requests ever sent, and USD as far as they are known."""
    if not journal.exists():
        return 0, 0.0
    so_far = overall(journal)
    return so_far.requests, so_far.usd or 0.0


def _uncounted(setup: Setup) -> Iterator[str]:
    curate, settings = setup.config.curate, setup.config.evaluate
    if curate.refill:
        again = f"asked about up to {curate.refill_rounds} times more"
        yield f"curate.refill (documents with fewer than {curate.refill} kept pairs are {again})"
    if not setup.config.every_exam:
        yield "the exam, which the teacher is asked to write about every document"
    yield f"training {', '.join(setup.config.arms)}, and their exams, which are asked here"
    each = _asks_of_exams(setup)
    for name, model in settings.models.items():
        if isinstance(model, TeacherModel | EndpointModel):
            yield f"the exams of {name}: {f'about {each:,}' if each else 'some'} requests"
    if settings.judge or settings.retrieval.embedding or settings.retrieval.rerank:
        yield "what the exams ask of a judge, of embeddings and of a reranker"


def _asks_of_exams(setup: Setup) -> int:
    """How often one who writes answers is asked, if every document is there; 0 if the exams are not
    written, or wrong."""
    settings = setup.config.evaluate
    with suppress(ClosedbookError):
        exams = exams_of(setup.config.every_exam, setup.place).values()
        sealed = [q for exam in exams for q in exam.questions if q.split == "sealed"]
        orders = sum(min(settings.permutations, len(q.options) or 1) for q in sealed)
        return orders * len(settings.conditions) * settings.samples
    return 0


def _taken(yields: Sequence[Yield]) -> dict[str, float]:
    """What one document gave and took; a number that is unknown is not there."""
    tallies = [tally for part in yields for tally in part.steps.values()]
    taken: dict[str, float] = {
        "requests": sum(tally.asks for tally in tallies),
        "rows": sum(len(part.rows) for part in yields),
        "rejected": sum(len(part.rejections) for part in yields),
        "to_retry": sum(len(part.unanswered) for part in yields),
    }
    if not any(tally.uncounted for tally in tallies):
        for name in ("prompt_tokens", "completion_tokens"):
            taken[name] = sum(getattr(tally, name) or 0 for tally in tallies)
    if not any(tally.unpriced for tally in tallies):
        taken["usd"] = sum(tally.usd or 0 for tally in tallies)
    return taken


def _step(yields: Sequence[Yield], name: str) -> dict[str, float]:
    tallies = [part.steps[name] for part in yields if name in part.steps]
    return {
        "rows": sum(tally.rows for tally in tallies),
        "made": sum(tally.made for tally in tallies),
        "rejected": sum(tally.rejected for tally in tallies),
    }


def in_hours(requests: Estimate, seen: Pace, slots: int, depth: int) -> Estimate:
    """All slots busy (Little's law), and then the last document, whose `depth` steps follow each
    other. The pilot may have been too small to show whether the endpoint serves so many at a time:
    at most it takes what it takes at the pace that was seen."""
    value, low, high = [
        (number / slots + depth) * seen.each
        for number in (requests.value, requests.low, requests.high)
    ]
    high = max(high, requests.high * seen.apart)
    return Estimate(value / 3600, low / 3600, high / 3600)


def _scaled(per_document: Sequence[Mapping[str, float]], total: int) -> dict[str, Estimate]:
    """Totals of what every document of the pilot has a number for."""
    names = [name for name in per_document[0] if all(name in one for one in per_document)]
    return {name: scaled([one[name] for one in per_document], total) for name in names}


def scaled(values: Sequence[float], total: int) -> Estimate:
    """The total over `total` documents from a simple random sample of them: the mean times `total`,
    Student's t interval with the finite-population correction (Cochran 1977, Sampling Techniques,
    2.8), of which no less than they took is possible. One document alone gives no interval, nor do
    a few that are all alike, by chance perhaps: it is infinite above."""
    count = len(values)
    value = statistics.mean(values) * total
    if count == total:
        return Estimate(value, value, value)
    if count < PILOT and min(values) == max(values):
        return Estimate(value, sum(values), math.inf)
    error = statistics.stdev(values) * math.sqrt((1 - count / total) / count) * total
    margin = student_t(LEVEL, count - 1) * error
    return Estimate(value, max(sum(values), value - margin), value + margin)
