"""The bar plot: shares of right answers, side by side per condition, on an axis with values.

Pure functions from figures to SVG. Invariant: no bar without its value and its 95 % interval.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from closedbook.reporting import svg
from closedbook.reporting.words import percent

PLOT_HEIGHT = 270
TICKS = (0.0, 0.25, 0.5, 0.75, 1.0)
LABELLED_FROM = 500
"""Width from which floors are named beside their lines, not in the legend."""
LABEL_HEIGHT = 15.0
_DASHES = ("4 4", "1 3", "8 3")


@dataclass(frozen=True, slots=True)
class Bar:
    """One arm's share of right answers (0 to 1) with its interval."""

    arm: str
    value: float
    interval: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Group:
    """The bars of one condition; `notes` are short lines printed below its name."""

    name: str
    bars: tuple[Bar, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Frame:
    """Where the axes lie in the drawing."""

    left: float
    right: float
    top: float

    @property
    def bottom(self) -> float:
        return self.top + PLOT_HEIGHT

    def y(self, share: float) -> float:
        return self.bottom - share * PLOT_HEIGHT


def bar_plot(
    groups: Sequence[Group],
    colours: Mapping[str, str],
    floors: Mapping[str, float],
    *,
    width: float = 880,
    standalone: bool = False,
) -> str:
    """The figure, `width` wide; `standalone` adds a background of its own.

    `colours` names every arm in the order of the legend; `floors` are shares that no knowledge is
    needed for ("chance", ...), drawn as lines.
    """
    arms = [arm for arm in colours if any(bar.arm == arm for group in groups for bar in group.bars)]
    beside = width >= LABELLED_FROM
    names = [f"{name} {percent(share, 0)}" for name, share in floors.items()]
    margin = 20.0 if standalone else 2.0
    room = 15 + max((svg.width_of(name, 12) for name in names), default=0) if beside else 6
    left, right = margin + 48, width - margin - room
    key = svg.legend_height([*arms, *([] if beside else names)], left, width - margin)
    frame = _Frame(left, right, top=margin + key + 34)
    height = frame.bottom + 28 + 18 * max(len(group.notes) for group in groups) + margin
    parts = []
    if standalone:
        parts.append(svg.rectangle((0, 0), (width, height), fill="#ffffff", radius=10))
    entries = [(arm, colours[arm]) for arm in arms]
    entries += [(name, svg.DASHED) for name in names if not beside]
    parts += svg.legend(entries, left, margin + 12, width - margin)
    parts += _axis(frame)
    span = (right - left) / len(groups)
    floor_lines = _floors(frame, list(floors.values()), names if beside else [])
    drawn = [
        _group(group, colours, frame, left + place * span, span)
        for place, group in enumerate(groups)
    ]
    parts += [part for bars, _ in drawn for part in bars]
    parts += floor_lines
    parts += [part for _, texts in drawn for part in texts]
    described = "; ".join(_described(group) for group in groups)
    title = "Share of questions answered rightly, with 95 % intervals"
    return svg.drawing((width, height), title, f"{described}. {', '.join(names)}.", parts)


def _axis(frame: _Frame) -> list[str]:
    parts = []
    for tick in TICKS:
        y = frame.y(tick)
        stroke = svg.MUTED if tick == 0 else svg.GRID
        parts.append(svg.line((frame.left, y), (frame.right, y), stroke=stroke))
        label = percent(tick, 0)
        parts.append(
            svg.text((frame.left - 8, y + 4), label, anchor="end", size=12, fill=svg.MUTED)
        )
    return parts


def _group(
    group: Group, colours: Mapping[str, str], frame: _Frame, left: float, span: float
) -> tuple[list[str], list[str]]:
    """The bars, and what stands over the lines of floors: whiskers and words."""
    pitch = min(64.0, span * 0.86 / len(group.bars))
    start = left + (span - pitch * len(group.bars)) / 2
    bars, parts = [], []
    for place, bar in enumerate(group.bars):
        solid, *over = _bar(bar, colours[bar.arm], frame, start + (place + 0.5) * pitch, pitch)
        bars.append(solid)
        parts += over
    middle = left + span / 2
    parts.append(svg.text((middle, frame.bottom + 22), group.name, size=14, weight=600))
    for number, note in enumerate(group.notes):
        at = (middle, frame.bottom + 42 + 18 * number)
        weight, fill = (600, svg.INK) if number % 2 == 0 else (400, svg.MUTED)
        parts.append(
            svg.text(at, note, size=12.5 if span > 110 else 10.5, weight=weight, fill=fill)
        )
    return bars, parts


def _bar(bar: Bar, colour: str, frame: _Frame, centre: float, pitch: float) -> list[str]:
    width = pitch * 0.78
    low, high = (frame.y(bound) for bound in bar.interval)
    cap = min(7.0, width / 4)
    value = percent(bar.value) if pitch >= 58 else f"{bar.value * 100:.{1 if pitch >= 34 else 0}f}"
    top = frame.y(bar.value)
    whisker = partial(svg.line, stroke=svg.INK, width=1.4)
    return [
        svg.rectangle(
            (centre - width / 2, top), (width, frame.bottom - top), fill=colour, radius=2
        ),
        whisker((centre, low), (centre, high)),
        whisker((centre - cap, low), (centre + cap, low)),
        whisker((centre - cap, high), (centre + cap, high)),
        svg.text((centre, high - 7), value, size=13 if pitch >= 34 else 11, weight=600, halo=True),
    ]


def _floors(frame: _Frame, shares: Sequence[float], names: Sequence[str]) -> list[str]:
    """Lines across, the highest first; labels keep their distance."""
    parts = []
    lowest = frame.top - LABEL_HEIGHT
    for place in sorted(range(len(shares)), key=lambda number: -shares[number]):
        y = frame.y(shares[place])
        dashes = _DASHES[place % len(_DASHES)]
        parts.append(
            svg.line(
                (frame.left, y), (frame.right + 4, y), stroke=svg.MUTED, dashes=dashes, width=1.2
            )
        )
        if names:
            lowest = max(y + 4, lowest + LABEL_HEIGHT)
            at = (frame.right + 9, lowest)
            parts.append(svg.text(at, names[place], anchor="start", size=12, fill=svg.MUTED))
    return parts


def _described(group: Group) -> str:
    bars = ", ".join(
        f"{bar.arm} {percent(bar.value)} ({percent(bar.interval[0])} to {percent(bar.interval[1])})"
        for bar in group.bars
    )
    return f"{group.name}: {bars}"
