"""The few SVG elements our figures are made of.

Colours are CSS variables of the page with fixed fallbacks, so that the same markup follows the
page's light or dark scheme and stands alone as a file.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

INK = "var(--ink, #1d2129)"
PAPER = "var(--paper, #ffffff)"
MUTED = "var(--muted, #5b6472)"
GRID = "var(--line, #e2e5ea)"
FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Liberation Sans', sans-serif"

LEGEND_LINE = 20.0
LEGEND_SWATCH = 34.0
"""What an entry of a legend takes beside its name."""
DASHED = "dashed"
"""In place of a colour in a legend: a line."""
_NARROW, _BROAD = frozenset("fijlrt- \N{NO-BREAK SPACE}"), frozenset("mw%\N{HORIZONTAL ELLIPSIS}")

_BASE_COLOUR = "var(--base, #98a1b0)"
_CUSTOMISED_COLOUR = "var(--accent, #2f5fd0)"
_CONTROL_COLOURS = ("var(--c1, #d99a2b)", "var(--c2, #a06bc9)", "var(--c3, #3c9d8f)")


def colours(arms: Sequence[str], base: str, customised: str) -> dict[str, str]:
    """A colour for each arm, the same in every figure; controls take turns."""
    controls = [arm for arm in arms if arm not in {base, customised}]
    chosen = {
        arm: _CONTROL_COLOURS[place % len(_CONTROL_COLOURS)] for place, arm in enumerate(controls)
    }
    return chosen | {base: _BASE_COLOUR, customised: _CUSTOMISED_COLOUR}


def drawing(size: tuple[float, float], title: str, description: str, parts: Sequence[str]) -> str:
    """A figure of `size` with what a screen reader says instead."""
    width, height = size
    label = escape(f"{title}. {description}", quote=True)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" '
        f'width="{width:g}" height="{height:g}" role="img" aria-label="{label}" '
        f'font-family="{FONT}">\n' + "\n".join(parts) + "\n</svg>"
    )


def text(
    at: tuple[float, float],
    content: str,
    *,
    anchor: str = "middle",
    size: float = 13,
    fill: str = INK,
    weight: int = 400,
    halo: bool = False,
) -> str:
    """With a `halo` it can be read over lines."""
    around = f' stroke="{PAPER}" stroke-width="3.5" paint-order="stroke"' if halo else ""
    return (
        f'<text x="{at[0]:.1f}" y="{at[1]:.1f}" text-anchor="{anchor}" font-size="{size:g}" '
        f'font-weight="{weight}" fill="{fill}"{around}>{escape(content)}</text>'
    )


def line(
    start: tuple[float, float],
    end: tuple[float, float],
    *,
    stroke: str = GRID,
    width: float = 1,
    dashes: str = "",
) -> str:
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    return (
        f'<line x1="{start[0]:.1f}" y1="{start[1]:.1f}" x2="{end[0]:.1f}" y2="{end[1]:.1f}" '
        f'stroke="{stroke}" stroke-width="{width:g}"{dashed}/>'
    )


def rectangle(
    corner: tuple[float, float],
    size: tuple[float, float],
    *,
    fill: str,
    radius: float = 0,
    opacity: float = 1,
    title: str = "",
) -> str:
    """`title` is what a pointer over it tells."""
    told = f"><title>{escape(title)}</title></rect>" if title else "/>"
    faint = f' fill-opacity="{opacity:.2f}"' if opacity < 1 else ""
    rounded = f' rx="{radius:g}"' if radius else ""
    return (
        f'<rect x="{corner[0]:.1f}" y="{corner[1]:.1f}" width="{size[0]:.1f}" '
        f'height="{size[1]:.1f}"{rounded} fill="{fill}"{faint}{told}'
    )


def legend(entries: Sequence[tuple[str, str]], left: float, top: float, right: float) -> list[str]:
    """Swatches with names, (name, colour) each, flowing between `left` and `right`; the baseline
    of the first line is at `top`."""
    parts = []
    names = [_fitting(name, left, right) for name, _ in entries]
    for name, (_, colour), (x, row) in zip(names, entries, _flow(names, left, right), strict=True):
        y = top + LEGEND_LINE * row
        if colour == DASHED:
            parts.append(line((x, y - 4), (x + 12, y - 4), stroke=MUTED, dashes="3 2", width=1.4))
        else:
            parts.append(rectangle((x, y - 10), (12, 12), fill=colour, radius=3))
        parts.append(text((x + 18, y), name, anchor="start"))
    return parts


def legend_height(names: Sequence[str], left: float, right: float) -> float:
    """How high `legend` gets with these names."""
    fitting = [_fitting(name, left, right) for name in names]
    return LEGEND_LINE * (1 + max((row for _, row in _flow(fitting, left, right)), default=0))


def width_of(name: str, size: float = 13) -> float:
    """The most that a name in small letters can take: SVG measures text only when it is shown, so
    this goes by DejaVu Sans, the broadest of the usual fonts."""
    ems = sum(0.42 if c in _NARROW else 0.98 if c in _BROAD else 0.65 for c in name)
    return size * ems


def shortened(name: str, room: float, size: float = 13) -> str:
    """Both ends of a name that may not fit: those of a series differ in the last."""
    short, kept = name, len(name)
    while kept > 2 and width_of(short, size) > room:
        kept -= 1
        short = f"{name[: kept // 2]}\N{HORIZONTAL ELLIPSIS}{name[kept // 2 - kept :]}"
    return short


def _fitting(name: str, left: float, right: float) -> str:
    return shortened(name, right - left - LEGEND_SWATCH)


def _flow(names: Sequence[str], left: float, right: float) -> list[tuple[float, int]]:
    """Where each name of a legend begins, and on which line."""
    places = []
    x, row = left, 0
    for name in names:
        needed = LEGEND_SWATCH + width_of(name)
        if x > left and x + needed > right:
            x, row = left, row + 1
        places.append((x, row))
        x += needed
    return places
