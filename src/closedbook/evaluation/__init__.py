"""Evaluation: exams, the conditions they are sat under, answers, statistics, `summary.json`.

Knows records, models and students, not how a student was trained or how results are shown. What
needs torch is imported by the stages that use it.
"""

from typing import TYPE_CHECKING

from closedbook.evaluation.agreement import Agreement, measure_agreement
from closedbook.evaluation.answering import FLOOR, answer_exams
from closedbook.evaluation.asking import Examinee
from closedbook.evaluation.consulting import FreeAnswer, consult, find_passages
from closedbook.evaluation.exam import Exam, missing_documents, sealed_exams, to_choose_by
from closedbook.evaluation.imported import ImportedExaminee
from closedbook.evaluation.judge import PROMPT, Judge
from closedbook.evaluation.own_exam import exam_problems, load_exam
from closedbook.evaluation.reading import (
    examine_exam,
    exams_of,
    files_of,
    load_exams,
    read_exam,
    read_exams,
)
from closedbook.evaluation.remembering import general_exams, general_files, in_replay
from closedbook.evaluation.remote import RemoteExaminee
from closedbook.evaluation.retrieving import Searcher, open_library, retrieve
from closedbook.evaluation.summarising import summarise
from closedbook.lazily import exported as _exported

if TYPE_CHECKING:
    from closedbook.evaluation.choosing import judge_by
    from closedbook.evaluation.local import LocalExaminee

__all__ = [
    "FLOOR",
    "PROMPT",
    "Agreement",
    "Exam",
    "Examinee",
    "FreeAnswer",
    "ImportedExaminee",
    "Judge",
    "LocalExaminee",
    "RemoteExaminee",
    "Searcher",
    "answer_exams",
    "consult",
    "exam_problems",
    "examine_exam",
    "exams_of",
    "files_of",
    "find_passages",
    "general_exams",
    "general_files",
    "in_replay",
    "judge_by",
    "load_exam",
    "load_exams",
    "measure_agreement",
    "missing_documents",
    "open_library",
    "read_exam",
    "read_exams",
    "retrieve",
    "sealed_exams",
    "summarise",
    "to_choose_by",
]
__getattr__ = _exported(__name__, {"choosing": ("judge_by",), "local": ("LocalExaminee",)})
