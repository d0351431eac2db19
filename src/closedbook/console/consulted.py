"""Answers to one question side by side: arms beneath each other, conditions beside each other."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from closedbook.evaluation.consulting import FreeAnswer
from closedbook.records import in_words


def show_answers(console: Console, answers: Sequence[FreeAnswer]) -> None:
    """A row per arm, a column per condition; below, what was read."""
    conditions = list(dict.fromkeys(answer.condition for answer in answers))
    said = {(answer.arm, answer.condition): answer.text.strip() for answer in answers}
    table = Table(box=None, pad_edge=False, padding=(0, 2, 1, 0))
    table.add_column("")
    for condition in conditions:
        table.add_column(in_words(condition), overflow="fold", ratio=1)
    for arm in dict.fromkeys(answer.arm for answer in answers):
        table.add_row(
            arm, *(said.get((arm, condition), "") or "(nothing)" for condition in conditions)
        )
    console.print(table, highlight=False, markup=False)
    read = dict.fromkeys(title for answer in answers for title in answer.read)
    if read:
        console.print(f"read with RAG: {', '.join(read)}", highlight=False, markup=False)
