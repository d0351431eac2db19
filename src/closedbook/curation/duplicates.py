"""Repeated questions of one document.

An equal question goes whatever its answer; a nearly equal one only if its answer is equal, since
two questions that differ in a number or a name may well be two. Wordings that differ more are kept:
they are asked for on purpose.
"""

from __future__ import annotations

from closedbook.curation.alike import Alike
from closedbook.curation.text import words
from closedbook.records import QAPair


class Repeats:
    """What was kept of one document. `near` is the similarity from which questions are nearly
    equal; 1 looks for equal ones only."""

    def __init__(self, near: float) -> None:
        self._answers: dict[tuple[str, ...], tuple[str, ...]] = {}
        self._order: list[tuple[str, ...]] = []
        self._alike = Alike(near)

    def __call__(self, pair: QAPair) -> str:
        """Why the pair goes, or ""; then it is remembered."""
        asked, answer = words(pair.question), words(pair.answer)
        earlier = self._answers.get(asked)
        if earlier is not None:
            return "repeated question" if earlier == answer else "repeated question, other answer"
        if any(self._order[number] == answer for number in self._alike.find(pair.question)):
            return "nearly a repeated question"
        self._answers[asked] = answer
        self._order.append(answer)
        self._alike.add(pair.question)
        return ""
