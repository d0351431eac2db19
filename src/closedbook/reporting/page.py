"""The report: one HTML file without any other resource, and the plot as files of its own.

Knows how figures become a page. Invariants: everything from documents and models is escaped; of an
unreviewed exam the page holds no accuracy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from inspect import getmembers, isfunction
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from closedbook.records import BASE, Result, Summary, in_words
from closedbook.reporting import words
from closedbook.reporting.answers import outcomes_of, read_answers
from closedbook.reporting.curve import loss_plot
from closedbook.reporting.data import coverage_of, left_by_stages
from closedbook.reporting.embedding import embed
from closedbook.reporting.figure import Bar, Group, bar_plot
from closedbook.reporting.gathering import ReportInput
from closedbook.reporting.heat import heat_map, heat_of
from closedbook.reporting.lineage import lineage_of
from closedbook.reporting.rasterising import as_png, find_font, plain
from closedbook.reporting.svg import colours
from closedbook.store import read_summary, write_atomically

WIDE, NARROW = 880.0, 372.0
PLAIN = 200
"""Questions listed for readers without scripts, flips first."""
FLOORS = {"longest_option": "longest option", "options_only": "options only"}
"""Conditions that need no knowledge of the question."""


def write_report(report: ReportInput, path: Path) -> None:
    """Write the page; readable offline, on a phone, in the dark and on paper."""
    page = _environment().get_template("report.html").render(_context(report))
    write_atomically(path, page.encode())


def write_plot(summary: Path, folder: Path) -> bool:
    """Write the bar plot of the main exam in a `summary.json` as plot.svg and plot.png on a white
    card; returns False if there is no font to write the latter with.

    Raises InputError if there is no such summary; an unreviewed exam has no plot, and none is left
    in `folder`.
    """
    results = read_summary(summary)
    vector, pixels = folder / "plot.svg", folder / "plot.png"
    pixels.unlink(missing_ok=True)
    if not results.reviewed:
        vector.unlink(missing_ok=True)
        return True
    drawing = _plot(results, WIDE, standalone=True)
    write_atomically(vector, plain(drawing).encode())
    font = find_font()
    if font:
        write_atomically(pixels, as_png(drawing, font))
    return font is not None


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("closedbook.reporting"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {**dict(getmembers(words, isfunction)), "condition": in_words}
    return environment


def _context(report: ReportInput) -> dict[str, Any]:
    results = report.results
    main = next(iter(results.exams), "")
    pair = (BASE, results.customised)
    shades = _colours(results, report.losses)
    asked = read_answers(report.responses, pair, reviewed=results.reviewed)
    heat = heat_of(asked, main, pair) if results.reviewed else None
    return {
        "report": report,
        "results": results,
        "main": main,
        "headlines": [gain for name in words.CONDITIONS if (gain := results.gain(main, name))],
        "colours": shades,
        "accuracies": {(r.exam, r.arm, r.condition): r for r in results.results},
        "plots": _twice(lambda width: _plot(results, width)) if results.reviewed else {},
        "curves": _twice(lambda width: loss_plot(report.losses, shades, width=width))
        if report.losses
        else {},
        "heat": heat_map(heat) if heat else "",
        "asked": asked,
        "plain": asked[:PLAIN],
        "outcomes": outcomes_of(asked, pair),
        "pair": pair,
        "embedded": embed(
            asked,
            pair,
            [arm for arm in shades if arm in report.responses],
            report.passages,
            report.evidence,
            reviewed=results.reviewed,
        ),
        "stages": list(left_by_stages(report)),
        "coverage": coverage_of(report),
        "lineage": lineage_of(report.about.config),
    }


def _twice(draw: Callable[[float], str]) -> dict[str, str]:
    return {"wide": draw(WIDE), "narrow": draw(NARROW)}


def _plot(results: Summary, width: float, *, standalone: bool = False) -> str:
    main = results.exams[0]
    groups = []
    for condition in words.CONDITIONS:
        bars = tuple(
            Bar(result.arm, result.accuracy, result.interval)
            for result in results.of(main)
            if result.condition == condition and result.accuracy is not None and result.interval
        )
        if bars:
            groups.append(Group(in_words(condition), bars, _notes(results, main, condition)))
    return bar_plot(
        groups, _colours(results), _floors(results.of(main)), width=width, standalone=standalone
    )


def _floors(rows: Iterable[Result]) -> Mapping[str, float]:
    """Chance, and what the base got without the question."""
    found: dict[str, float] = {}
    for row in rows:
        if row.chance:
            found.setdefault("chance", row.chance)
        if row.condition in FLOORS and row.accuracy is not None and row.arm == BASE:
            found[FLOORS[row.condition]] = row.accuracy
    return found


def _notes(results: Summary, exam: str, condition: str) -> tuple[str, ...]:
    """Absolute and relative gain of the customised student, below its bars."""
    gain = results.gain(exam, condition)
    if gain is None:
        return ()
    notes = [words.points(gain.difference), words.bounds(gain.interval)]
    if gain.relative is not None and gain.relative_interval is not None:
        notes += [
            f"{words.relative(gain.relative)} relative",
            words.relative_bounds(gain.relative_interval),
        ]
    return tuple(notes)


def _colours(results: Summary, trained: Iterable[str] = ()) -> dict[str, str]:
    """By arm: base, customised, then the controls, and those that were trained but not asked."""
    arms = dict.fromkeys([*(result.arm for result in results.results), *trained])
    chosen = colours(list(arms), BASE, results.customised)
    first = [arm for arm in (BASE, results.customised) if arm in arms]
    return {arm: chosen[arm] for arm in dict.fromkeys([*first, *arms])}
