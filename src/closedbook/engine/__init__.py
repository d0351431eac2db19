"""Running steps over rows, through the journal.

The engine knows steps, not prompts; it decides when a row moves, never what becomes of it.
"""

from closedbook.engine.asking import Asker, Tally, request_key
from closedbook.engine.running import Engine, Yield
from closedbook.engine.step import Ask, Child, Dropped, Lane, Row, Step

__all__ = [
    "Ask",
    "Asker",
    "Child",
    "Dropped",
    "Engine",
    "Lane",
    "Row",
    "Step",
    "Tally",
    "Yield",
    "request_key",
]
