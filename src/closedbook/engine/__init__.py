"""Running steps over rows, through the journal and within a budget.

The engine knows steps, not prompts; it decides when a row moves, never what becomes of it.
"""

from closedbook.engine.account import Account
from closedbook.engine.asking import Asker, request_key
from closedbook.engine.budget import Budget, Cost
from closedbook.engine.each import ask_each, ask_in_order
from closedbook.engine.interruptible import run_interruptible
from closedbook.engine.role import JUDGE, TEACHER, Role
from closedbook.engine.running import OPEN_ROWS, Engine, Keep
from closedbook.engine.step import Ask, Child, Dropped, Lane, Replaced, Row, Step
from closedbook.engine.tally import Tally
from closedbook.engine.walking import Unanswered, Yield

__all__ = [
    "JUDGE",
    "OPEN_ROWS",
    "TEACHER",
    "Account",
    "Ask",
    "Asker",
    "Budget",
    "Child",
    "Cost",
    "Dropped",
    "Engine",
    "Keep",
    "Lane",
    "Replaced",
    "Role",
    "Row",
    "Step",
    "Tally",
    "Unanswered",
    "Yield",
    "ask_each",
    "ask_in_order",
    "request_key",
    "run_interruptible",
]
