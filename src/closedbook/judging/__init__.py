"""How good a judge is: pairs that are spoiled on purpose, and how many of them it finds.

Knows a flow's judge by its steps; what it is asked and on what terms is the flow's and the
config's. Every verdict goes through the journal and the budget.
"""

from closedbook.judging.checking import JudgeCheck, check_judge
from closedbook.judging.judge import judge_of
from closedbook.judging.pairs import Source, sound_pairs

__all__ = ["JudgeCheck", "Source", "check_judge", "judge_of", "sound_pairs"]
