"""The loss curve: per arm the losses as they were and a smoothed line over them, training steps
against nats per learned token."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from closedbook.reporting import svg

HEIGHT = 180
MOST_POINTS = 320
SMOOTHED = 16
"""A point of the line is a mean over one part in so many of the run."""
LABEL = 15.0
"""Between two names beside the lines."""
BOLD = 14.6
"""The size of regular letters that are as broad as the names' bold ones."""
NAMES = 0.4
"""The part of the width that names have at most."""
THICK = 'stroke-width="2.2"'
_STEPS = (0.1, 0.2, 0.25, 0.5, 1.0, 2.0, 2.5, 5.0)


def loss_plot(
    losses: Mapping[str, Sequence[float]], colours: Mapping[str, str], *, width: float = 880
) -> str:
    """The figure, `width` wide; `losses` holds the loss after each step of each arm, which has at
    least one. Long runs are averaged into MOST_POINTS stretches. The names stand at the right edge,
    each at the height of its line's end unless another stands there."""
    names = {arm: svg.shortened(arm, NAMES * width - 20, BOLD) for arm in losses}
    broadest = max(svg.width_of(name, BOLD) for name in names.values())
    left, right = 48.0, width - 12 - broadest
    top = 14.0
    bottom = top + max(HEIGHT, LABEL * len(losses))
    steps = max(map(len, losses.values()))
    highest = max(max(_averaged(values)) for values in losses.values())
    scale = _ticks(highest)
    parts: list[str] = []
    ends: dict[str, float] = {}
    for tick in scale:
        y = bottom - tick / scale[-1] * (bottom - top)
        parts.append(svg.line((left, y), (right, y)))
        at = (left - 8, y + 4)
        parts.append(svg.text(at, f"{tick:g}", anchor="end", size=12, fill=svg.MUTED))
    for arm, values in losses.items():
        points = _averaged(values)
        across = (right - left) * len(values) / steps
        smooth = _smoothed(points)
        for drawn, how in ((points, 'stroke-width="1" stroke-opacity="0.35"'), (smooth, THICK)):
            path = " ".join(
                f"{left + across * (place + 0.5) / len(points):.1f},"
                f"{bottom - value / scale[-1] * (bottom - top):.1f}"
                for place, value in enumerate(drawn)
            )
            parts.append(
                f'<polyline points="{path}" fill="none" stroke="{colours[arm]}" {how} '
                'stroke-linejoin="round"/>'
            )
        ends[arm] = min(bottom - smooth[-1] / scale[-1] * (bottom - top) + 4, bottom)
    for arm, y in _apart(ends, top).items():
        at = (right + 8, y)
        parts.append(
            svg.text(at, names[arm], anchor="start", size=13, fill=colours[arm], weight=600)
        )
    parts.append(svg.text((left, bottom + 18), "0", size=12, fill=svg.MUTED))
    end = f"{steps:,} steps"
    parts.append(svg.text((right, bottom + 18), end, anchor="end", size=12, fill=svg.MUTED))
    described = ", ".join(
        f"{arm} from {_averaged(v)[0]:.2f} to {_averaged(v)[-1]:.2f}" for arm, v in losses.items()
    )
    return svg.drawing((width, bottom + 28), "Training loss in nats per token", described, parts)


def _averaged(values: Sequence[float]) -> list[float]:
    count = min(MOST_POINTS, len(values))
    cuts = [round(place * len(values) / count) for place in range(count + 1)]
    return [sum(values[start:end]) / (end - start) for start, end in pairwise(cuts)]


def _smoothed(points: Sequence[float]) -> list[float]:
    """At each point the mean of as many before it as after it, of fewer at the ends."""
    most, last = len(points) // (2 * SMOOTHED), len(points) - 1
    reach = [min(most, at, last - at) for at in range(len(points))]
    around = (points[at - n : at + n + 1] for at, n in enumerate(reach))
    return [sum(some) / len(some) for some in around]


def _apart(ends: Mapping[str, float], top: float) -> dict[str, float]:
    """Where the names stand, none over another: higher than its line's end where others stand
    below, lower where there is no room up to the `top`."""
    placed: dict[str, float] = {}
    lowest = max(ends.values())
    for above, arm in reversed([*enumerate(sorted(ends, key=lambda arm: ends[arm]))]):
        y = min(ends[arm], lowest)
        placed[arm] = max(y, top + LABEL * above)
        lowest = y - LABEL
    return placed


def _ticks(highest: float) -> list[float]:
    """0 and about four round values, the last at or above `highest`."""
    magnitude = 1.0
    while highest / magnitude > 20:
        magnitude *= 10
    step = next((s * magnitude for s in _STEPS if s * magnitude * 5 >= highest), 5.0 * magnitude)
    ticks = [0.0]
    while ticks[-1] < highest:
        ticks.append(ticks[-1] + step)
    return ticks if len(ticks) > 1 else [0.0, step]
