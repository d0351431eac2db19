"""How a run looks on a terminal, and in a log. The only importer of rich."""

from closedbook.console.progress import OUTPUT, Progress
from closedbook.console.stand_ins import show_stand_ins
from closedbook.console.tables import show_forecast, show_plan, show_results, show_status

__all__ = [
    "OUTPUT",
    "Progress",
    "show_forecast",
    "show_plan",
    "show_results",
    "show_stand_ins",
    "show_status",
]
