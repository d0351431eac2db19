"""A figure as PNG, from the same SVG, for where SVG cannot go: slides, chats, papers."""

from __future__ import annotations

import re

import resvg_py

SCALE = 2
FAMILIES = ("Inter", "Helvetica", "Arial", "Liberation Sans", "Noto Sans", "DejaVu Sans", "Roboto")
"""Sans-serif fonts that machines have, the first one is taken; there is no search by kind."""
_PROBE = '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40">{}</svg>'
_LETTER = '<text x="5" y="30" font-size="30" font-family="{}">W</text>'
_VARIABLE = re.compile(r"var\(--[\w-]+, ([^()]+)\)")


def plain(drawing: str) -> str:
    """The figure with its own colours in place of a page's, for programs that know no CSS."""
    return _VARIABLE.sub(r"\1", drawing)


def find_font() -> str | None:
    """A font to write with; None if this machine has none of FAMILIES."""
    blank = _png(_PROBE.format(""), "")
    written = ((name, _PROBE.format(_LETTER.format(name))) for name in FAMILIES)
    return next((name for name, probe in written if _png(probe, name) != blank), None)


def as_png(drawing: str, font: str) -> bytes:
    """The figure, SCALE pixels to a unit, its text in `font`."""
    return _png(plain(drawing), font)


def _png(drawing: str, font: str) -> bytes:
    return bytes(
        resvg_py.svg_to_bytes(svg_string=drawing, zoom=SCALE, sans_serif_family=font or None)
    )
