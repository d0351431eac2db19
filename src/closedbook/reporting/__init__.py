"""Reporting: one HTML page and its figures, made from what the other stages left on disk.

Knows files and figures, not how anything was computed. Imports no plotting library: the figures
are SVG written here, so that the page is one file that needs nothing else.
"""

from typing import TYPE_CHECKING

from closedbook.lazily import exported as _exported
from closedbook.reporting.caveats import banner, limits

if TYPE_CHECKING:
    from closedbook.reporting.gathering import ReportInput, gather
    from closedbook.reporting.page import write_plot, write_report

__all__ = ["ReportInput", "banner", "gather", "limits", "write_plot", "write_report"]
__getattr__ = _exported(
    __name__,
    {
        "ReportInput": "gathering",
        "gather": "gathering",
        "write_plot": "page",
        "write_report": "page",
    },
)
