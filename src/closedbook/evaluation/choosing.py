"""How many of an exam's `choose` questions a student answers: what may pick a checkpoint.

Closed book, by the likelihood of the options. Invariant: a sealed question is never asked here.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from closedbook.evaluation.exam import to_choose_by
from closedbook.records import Question
from closedbook.store import read_rows
from closedbook.students import ask_messages
from closedbook.students.answering import score_options
from closedbook.students.student import Student


def judge_by(exam: Path) -> Callable[[Student], float]:
    """What gives a student's share of right answers. Raises InputError where the exam's records
    hold no `choose` question with options."""
    questions = to_choose_by(read_rows(exam, Question))

    def share_right(student: Student) -> float:
        prompts = [ask_messages(question.question) for question in questions]
        scores = score_options(student, prompts, [question.options for question in questions])
        right = [
            max(range(len(values)), key=values.__getitem__) == question.answer
            for question, values in zip(questions, scores, strict=True)
        ]
        return sum(right) / len(right)

    return share_right
