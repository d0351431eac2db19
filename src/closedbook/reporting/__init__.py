"""Reporting: one HTML page and its figures, made from what the other stages left on disk.

Knows files and figures, not how anything was computed. The figures are SVG written here, so that
the page is one file that needs nothing else; the plot is also drawn as PNG from it.
"""

from typing import TYPE_CHECKING

from closedbook.lazily import exported as _exported
from closedbook.reporting.caveats import banner, limits
from closedbook.reporting.costs import accounts_of
from closedbook.reporting.gathering import About, ReportInput, gather

if TYPE_CHECKING:
    from closedbook.reporting.page import write_plot, write_report

__all__ = [
    "About",
    "ReportInput",
    "accounts_of",
    "banner",
    "gather",
    "limits",
    "write_plot",
    "write_report",
]
__getattr__ = _exported(__name__, {"page": ("write_plot", "write_report")})
