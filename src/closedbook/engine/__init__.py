"""Running steps over rows, through the journal and within a budget.

The engine knows steps, not prompts; it decides when a row moves, never what becomes of it.
"""

from closedbook.engine.account import Account
from closedbook.engine.asking import Asker, request_key
from closedbook.engine.budget import Budget, Cost
from closedbook.engine.running import Engine
from closedbook.engine.step import Ask, Child, Dropped, Lane, Replaced, Row, Step
from closedbook.engine.tally import Tally
from closedbook.engine.walking import Failure, Yield

__all__ = [
    "Account",
    "Ask",
    "Asker",
    "Budget",
    "Child",
    "Cost",
    "Dropped",
    "Engine",
    "Failure",
    "Lane",
    "Replaced",
    "Row",
    "Step",
    "Tally",
    "Yield",
    "request_key",
]
