"""The report: one HTML file without any other resource, and the plot as a file of its own.

Knows how figures become a page. Invariants: everything from documents and models is escaped; of an
unreviewed exam the page holds no accuracy.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from closedbook.records import BASE, Summary
from closedbook.reporting import words
from closedbook.reporting.answers import OUTCOMES, side_by_side
from closedbook.reporting.curve import loss_plot
from closedbook.reporting.figure import Bar, Group, bar_plot
from closedbook.reporting.gathering import ReportInput
from closedbook.reporting.svg import colours
from closedbook.store import read_summary, write_atomically

WIDE, NARROW = 760.0, 372.0


def write_report(report: ReportInput, path: Path) -> None:
    """Write the page; readable offline, on a phone, in the dark and on paper."""
    page = _environment().get_template("report.html").render(_context(report))
    write_atomically(path, page.encode())


def write_plot(summary: Path, path: Path) -> None:
    """Write the bar plot of the main exam in a `summary.json` as SVG on a white card.

    Raises InputError if there is no such summary; an unreviewed exam has no plot, and none is left
    at `path`.
    """
    results = read_summary(summary)
    if results.reviewed:
        write_atomically(path, _plot(results, WIDE, standalone=True).encode())
    else:
        path.unlink(missing_ok=True)


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("closedbook.reporting"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "percent": words.percent,
        "bounds": words.bounds,
        "points": words.points,
        "relative": words.relative,
        "p_value": words.p_value,
        "count": words.count,
        "seconds": words.seconds,
        "condition": words.condition,
    }
    return environment


def _context(report: ReportInput) -> dict[str, Any]:
    results = report.results
    main = next(iter(results.exams), "")
    shown = [arm for arm in (BASE, results.customised) if arm in report.responses]
    asked = side_by_side(report.responses, shown, main, reviewed=results.reviewed)
    outcomes = Counter(item.outcome for item in asked)
    return {
        "report": report,
        "results": results,
        "main": main,
        "headlines": [gain for name in words.CONDITIONS if (gain := results.gain(main, name))],
        "colours": _colours(results, report.losses),
        "accuracies": {(r.exam, r.arm, r.condition): r for r in results.results},
        "plots": {
            name: _plot(results, width)
            for name, width in (("wide", WIDE), ("narrow", NARROW))
            if results.reviewed
        },
        "curves": {
            name: loss_plot(report.losses, _colours(results, report.losses), width=width)
            for name, width in (("wide", WIDE), ("narrow", NARROW))
            if report.losses
        },
        "asked": asked,
        "outcomes": {name: outcomes[name] for name in OUTCOMES if outcomes[name]},
    }


def _plot(results: Summary, width: float, *, standalone: bool = False) -> str:
    main = results.exams[0]
    groups = []
    for condition, name in words.CONDITIONS.items():
        bars = tuple(
            Bar(result.arm, result.accuracy, result.interval)
            for result in results.of(main)
            if result.condition == condition and result.accuracy is not None and result.interval
        )
        if bars:
            groups.append(Group(name, bars, _notes(results, main, condition)))
    return bar_plot(
        groups,
        _colours(results),
        results.of(main)[0].chance,
        width=width,
        standalone=standalone,
    )


def _notes(results: Summary, exam: str, condition: str) -> tuple[str, ...]:
    """Absolute and relative gain of the customised student, below its bars."""
    gain = results.gain(exam, condition)
    if gain is None:
        return ()
    spread = words.bounds(gain.interval)
    related = words.relative(gain.relative)
    return (words.points(gain.difference), spread, *((f"{related} relative",) if related else ()))


def _colours(results: Summary, trained: Iterable[str] = ()) -> dict[str, str]:
    """By arm: base, customised, then the controls, and those that were trained but not asked."""
    arms = dict.fromkeys([*(result.arm for result in results.results), *trained])
    chosen = colours(list(arms), BASE, results.customised)
    first = [arm for arm in (BASE, results.customised) if arm in arms]
    return {arm: chosen[arm] for arm in dict.fromkeys([*first, *arms])}
