"""Evaluation: exams, the conditions they are sat under, answers, statistics, `summary.json`.

Knows records and students, not how a student was trained or how results are shown. Reading exams
is light; `local` (torch) and `summarising` (numpy) are imported by the stages that
use them.
"""

from typing import TYPE_CHECKING

from closedbook.evaluation.exam import Exam, copy_exam, load_exam
from closedbook.lazily import exported as _exported

if TYPE_CHECKING:
    from closedbook.evaluation.answering import answer_exams
    from closedbook.evaluation.choosing import judge_by
    from closedbook.evaluation.local import LocalExaminee
    from closedbook.evaluation.summarising import summarise

__all__ = [
    "Exam",
    "LocalExaminee",
    "answer_exams",
    "copy_exam",
    "judge_by",
    "load_exam",
    "summarise",
]
__getattr__ = _exported(
    __name__,
    {
        "LocalExaminee": "local",
        "answer_exams": "answering",
        "judge_by": "choosing",
        "summarise": "summarising",
    },
)
