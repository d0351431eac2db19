"""Results, status and plans as short tables."""

from __future__ import annotations

from collections.abc import Iterable
from math import isinf

from rich.console import Console
from rich.table import Table

from closedbook.console.laid_out import figure, print_table, say, table_of
from closedbook.forecast import Estimate, Forecast
from closedbook.hints import command, counted, path_shown
from closedbook.project import Planned, RunResult, StageStatus
from closedbook.records import Comparison, Result, Summary, in_words
from closedbook.store.accounts import Answered, Listed, Totals


def show_plan(console: Console, planned: Iterable[Planned]) -> None:
    """One line per stage that a run would do."""
    lines = [f"{item.stage:<20} {item.why}" for item in planned]
    say(console, *(lines or ["nothing to do: every stage is up to date"]))


def show_status(console: Console, stages: Iterable[StageStatus]) -> None:
    """Every stage: state, counts, seconds, its rejections by reason, what else to know."""
    table = table_of("stage", "state", "seconds", "counts")
    for stage in stages:
        manifest = stage.manifest
        counts = manifest.counts if manifest else {}
        shown = ", ".join(f"{name} {figure(value)}" for name, value in counts.items())
        seconds = f"{manifest.seconds:.1f}" if manifest else ""
        state = "complete" if manifest and not stage.stale else stage.stale
        table.add_row(stage.stage, state, seconds, shown)
        for reason, count in sorted(stage.rejections.items()):
            table.add_row("", "", "", f"  {count:,} x {reason}")
        if stage.remark:
            table.add_row("", "", "", f"  {stage.remark}")
    print_table(console, table)


def show_results(console: Console, result: RunResult) -> None:
    """What a run came to: the accuracies with their intervals, or what was checked; the report."""
    if not result.done:
        say(console, "everything is up to date: nothing was done")
    if result.summary is not None and result.summary.reviewed:
        print_table(console, _results(result.summary))
    elif result.summary is not None:
        why, *checked = result.summary.checked
        why = why.replace("closedbook exam accept", command("exam accept"))
        say(console, why, "Checked:", *(f"  {line}" for line in checked))
    if result.report is not None:
        say(console, f"report: {path_shown(result.report)}")


def _results(summary: Summary) -> Table:
    columns = ("exam", "condition", "arm", "accuracy", "95 % interval", "against base")
    table = table_of(*columns, numbers=["accuracy"])
    compared = {
        (item.exam, item.condition, item.arm): item
        for item in summary.comparisons
        if item.against == "base"
    }
    for item in sorted(summary.results, key=lambda item: (item.exam, item.condition)):
        gain = compared.get((item.exam, item.condition, item.arm))
        names = (item.exam, in_words(item.condition), item.arm)
        table.add_row(*names, *accuracy_told(item), _gain(gain) if gain else "")
    return table


def accuracy_told(item: Result) -> tuple[str, str]:
    """With its interval; both empty where nothing was measured."""
    if item.accuracy is None or item.interval is None:
        return "", ""
    low, high = item.interval
    return f"{item.accuracy:.1%}", f"{low:.1%} to {high:.1%}"


def _gain(item: Comparison) -> str:
    low, high = item.interval
    points = f"{100 * item.difference:+.1f} points [{100 * low:+.1f}, {100 * high:+.1f}]"
    return points if item.relative is None else f"{points}, {item.relative:+.0%}"


def show_totals(console: Console, by: str, totals: Iterable[Totals], overall: Totals) -> None:
    """What was asked and what it took, a line per step, model or document, and the sum."""
    numbers = ("requests", "answers", "tokens in", "tokens out", "USD", "seconds")
    table = table_of(by, *numbers, numbers=numbers)
    for item in totals:
        table.add_row(item.name or "(unknown)", *_account(item))
    table.add_section()
    table.add_row("all", *_account(overall))
    print_table(console, table)
    say(console, "seconds: of all requests added up, though many run at a time")
    if overall.unpriced and overall.usd is not None:
        asked = counted(overall.unpriced, "request")
        say(console, f"not priced: {asked} of models that had no price then; USD is without them")
    if overall.wasted:
        lost = f"{counted(overall.wasted, 'request')} without an answer"
        say(console, f"wasted: {lost}, {counted(overall.wasted_tokens, 'token')}")
    if overall.uncounted:
        unknown = f"{counted(overall.uncounted, 'request')} whose tokens nobody told"
        known = "" if overall.usd is None else f", ${overall.known_usd or 0:,.2f} without them"
        most = f"USD holds the most they can cost, which the model's max_tokens lowers{known}"
        say(console, f"not counted: {unknown}; {most}")


def show_answers(console: Console, listed: Iterable[Listed]) -> None:
    """A line per answer, by the beginning of its key; rich lays out so many lines too slowly."""
    head = ("answer", "step", "document", "outcome", "tokens in", "tokens out", "USD")
    rows: list[tuple[str, ...]] = [head]
    for *texts, prompt, completion, usd in listed:
        told = "unknown" if usd is None else f"{usd:,.4f}"
        rows.append((*texts, f"{prompt:,}", f"{completion:,}", told))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    layout = "  ".join(f"{{:{side}{width}}}" for side, width in zip("<<<<>>>", widths, strict=True))
    say(console, *(layout.format(*row) for row in rows))
    say(console, f"one of them: {command('journal --answer KEY')}")


def show_begun(console: Console, requests: int) -> None:
    """That so many requests were sent and nothing is known of them; nothing if there are none."""
    if requests:
        told = f"begun: {counted(requests, 'request')} without an answer yet"
        fate = "if no run is going on, it was killed, and the next one counts them as spent"
        say(console, f"{told}; {fate}")


def show_answer(console: Console, found: Answered) -> None:
    """One answer of the journal: every call made for it, its usage, reasoning and text."""
    answer = found.answer
    lines = [f"key      {found.key}", f"model    {found.model}"]
    lines += [
        f"call     {call.step} {call.document}: {call.outcome}, {call.seconds:.2f} s"
        for call in found.calls
    ]
    usage = f"{_count(answer.prompt_tokens)} prompt, {_count(answer.completion_tokens)} completion"
    lines += [f"tokens   {usage}", f"finish   {answer.finish_reason}"]
    if answer.reasoning:
        lines += ["", "reasoning:", answer.reasoning]
    lines += ["", "text:", answer.text]
    say(console, *lines)


def _account(item: Totals) -> tuple[str, ...]:
    used = (item.requests, item.answers, item.prompt_tokens, item.completion_tokens)
    usd = "unknown" if item.usd is None else f"{item.usd:,.2f}"
    return (*(f"{value:,}" for value in used), usd, f"{item.seconds:,.1f}")


def _count(tokens: int | None) -> str:
    return "unknown" if tokens is None else f"{tokens:,}"


def show_forecast(
    console: Console, found: Forecast, *, usd: float | None = None, hours: float | None = None
) -> None:
    """The totals with their intervals, what each step will do, and how many documents fit."""
    drawn = f"{found.pilot:,} of {counted(found.documents, 'document')}"
    say(console, f"from a pilot on {drawn}; 95 % intervals")
    numbers = ("in all", "from", "to")
    table = table_of("", *numbers, numbers=numbers)
    for name, estimate in found.totals.items():
        unit, in_hours = _unit_of_time(estimate) if name == "hours" else (name, 1.0)
        table.add_row(unit.replace("_", " "), *_amounts(estimate, in_hours))
    print_table(console, table)
    print_table(console, _steps(found))
    unknown = [name.replace("_", " ") for name, most in found.totals.items() if isinf(most.high)]
    if unknown:
        alike = f"the {found.pilot} documents asked about were just alike in it"
        why = alike if found.pilot > 1 else "a single document was asked about"
        more = "--documents asks about more"
        say(console, f"unknown is how much it can be ({', '.join(unknown)}): {why}; {more}")
    if "hours" in found.totals and found.documents > found.pilot:
        serves = "as if the endpoint served as many at a time as concurrency allows"
        say(console, f"time: {serves}; at most at the pace of the pilot")
    for item in found.uncounted:
        say(console, f"not counted: {item}")
    if 2 * found.pilot >= found.documents > found.pilot:
        say(console, "the pilot took half of the documents or more")
    _say_paid(console, found)
    if usd is None and hours is None:
        return
    money = "" if usd is None else f"${usd:,.2f}"
    time = "" if hours is None else f"{hours:g} {'hour' if hours == 1 else 'hours'}"
    wish = " and ".join(filter(None, (money, time)))
    fits = found.fitting(usd=usd, hours=hours)
    priced = usd is None or "usd" in found.totals
    unknown_for = "the pilot is too small, set --documents" if priced else _why_no_price(found)
    answer = f"unknown: {unknown_for}" if fits is None else counted(fits, "document")
    say(console, f"within {wish}: {answer}")


def _say_paid(console: Console, found: Forecast) -> None:
    """What the pilot took, and what is thereby left."""
    unknown = f"unknown USD: {_why_no_price(found)}"
    paid = unknown if found.paid is None else f"${found.paid:,.2f}"
    kept = "the answers are kept and not bought again"
    say(console, f"the pilot sent {counted(found.sent, 'request')} and paid {paid}; {kept}")
    if found.documents > found.pilot:
        left = [
            "{} {} [{}, {}]".format(name.replace("usd", "USD"), *_amounts(found.left(name), 1.0))
            for name in ("requests", "usd")
            if name in found.totals
        ]
        others = f"the other {counted(found.documents - found.pilot, 'document')}"
        say(console, f"still to come, for {others}: {', '.join(left)}")


def _why_no_price(found: Forecast) -> str:
    counts = "completion_tokens" in found.totals
    return "give every model its price" if counts else "an endpoint does not count tokens"


def _steps(found: Forecast) -> Table:
    names = ("rows", "made", "rejected")
    table = table_of("step", *names, numbers=names)
    for step, totals in found.steps.items():
        table.add_row(step, *(f"{totals[name].value:,.0f}" for name in names))
    return table


def _unit_of_time(hours: Estimate) -> tuple[str, float]:
    """The largest unit of which it is two or more, and how many of it an hour has."""
    units = (("hours", 1.0), ("minutes", 60.0))
    return next((unit for unit in units if hours.value * unit[1] >= 2), ("seconds", 3600.0))


def _amounts(estimate: Estimate, times: float) -> list[str]:
    values = [times * value for value in (estimate.value, estimate.low, estimate.high)]
    told = [f"{value:,.0f}" if value >= 100 else f"{value:,.3g}" for value in values]
    return [words.replace("inf", "unknown") for words in told]
