"""One arm sits the exams: every question under every condition, in every order of its options that
is asked for, one response each.

Knows prompts and responses, not what they add up to. Invariant: a question that gets no response
under a condition is counted with the reason, and the user is told.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from closedbook.config import Evaluate
from closedbook.evaluation.asking import WHOLE, Ask, Examinee, Prompt, Said
from closedbook.evaluation.conditions import Library, other_names
from closedbook.evaluation.exam import Exam
from closedbook.evaluation.grading import JUDGED, grade, is_doubtful, judged
from closedbook.evaluation.judge import Given
from closedbook.events import Counts, Emit, Notice, StageProgress
from closedbook.records import Condition, Question, Response, in_words
from closedbook.store import write_rows
from closedbook.students import LETTERS

RESPONSES = "responses.jsonl"
TELL_EVERY = 64
"""Questions between two words on progress."""
UNREAD = "the judge's verdict cannot be read: unparsed, counted as wrong"
ALWAYS, FEW = 0.95, 20
"""From what share, and how many, of its answers an arm is said to take always the same letter."""
FLOOR: Condition = "longest_option"
"""What is chosen without asking anybody."""


@dataclass(slots=True)
class Sitting:
    """One arm's way through the exams; `counts` are of what was not asked or shortened."""

    examinee: Examinee
    library: Library
    settings: Evaluate
    counts: Counter[str] = field(default_factory=Counter)

    def asks(self, exams: Sequence[Exam]) -> Iterator[Ask]:
        """Every ask, made when it is its turn."""
        number = 0
        for exam in exams:
            names = other_names(exam.questions)
            self.counts.update(exam.left_out)
            for condition in exam.conditions:
                if condition == FLOOR:
                    continue
                for question in exam.questions:
                    other = names.get(question.document, "")
                    for prompt, turn in self._prompts(question, condition, other):
                        for sample in range(self.settings.samples):
                            yield Ask(number, exam.name, condition, prompt, turn, sample)
                            number += 1

    def _prompts(
        self, question: Question, condition: Condition, other: str
    ) -> Iterator[tuple[Prompt, int]]:
        told, who = in_words(condition), self.examinee
        if condition == "options_only" and not question.options:
            self.counts[f"{told}, not asked: it has no options"] += 1
            return
        for turn in range(min(self.settings.permutations, len(question.options) or 1)):
            made = self.library.prompt(
                question, condition, who.answering, who.refusal, permutation=turn, other=other
            )
            if isinstance(made, str):
                self.counts[f"{told}, not asked: {made}"] += 1
                return
            if made.shortened and not turn:
                self.counts[f"{told}, text beside the question shortened to fit"] += 1
            yield made, turn


def answer_exams(
    exams: Sequence[Exam],
    arm: str,
    examinee: Examinee,
    library: Library,
    settings: Evaluate,
    out: Path,
    emit: Emit,
) -> Counts:
    """Write `out/responses.jsonl`: the responses of `arm` to every exam, in the exams' order.

    Short answers that match none of the accepted ones go to the exam's judge, if it has one.
    Counts: `responses`, what of them is wrong for want of an answer, and per condition what was
    shortened to fit and what was not asked. Raises what the examinee raises.
    """
    stage = f"evaluate/{arm}"
    sitting = Sitting(examinee, library, settings)
    total = sum(len(exam.questions) * len(exam.conditions) for exam in exams) * settings.samples
    total *= settings.permutations
    responses: dict[int, Response] = {}
    to_retry = 0

    def take(ask: Ask, said: Said) -> None:
        nonlocal to_retry
        responses[ask.number] = grade(ask, said, arm)
        to_retry += said.retry
        if len(responses) % TELL_EVERY == 0:
            told = f"{ask.exam}, {in_words(ask.condition)}"
            emit(StageProgress(stage, len(responses), max(total, len(responses)), told))

    examinee.answer(sitting.asks(exams), take)
    emit(StageProgress(stage, len(responses), len(responses)))
    for exam in exams:
        to_retry += _judge(exam, responses, sitting.counts)
    made = [responses[number] for number in sorted(responses)]
    made += [response for exam in exams for response in _floor(exam, arm)]
    for what, number in sorted((+sitting.counts).items()):
        emit(Notice(stage, f"{number} questions: {what}"))
    if examinee.answering not in WHOLE and (told := _always(made)):
        emit(Notice(stage, told))
    written = write_rows(out / RESPONSES, made)
    retry = {"to_retry": to_retry} if to_retry else {}
    return {"responses": written, **_wanting(stage, made, emit), **retry, **+sitting.counts}


def _judge(exam: Exam, responses: dict[int, Response], counts: Counter[str]) -> int:
    """Put what an exam's judge is to decide in the place of what no rule accepted; how many
    verdicts another run may get."""
    if exam.judge is None:
        return 0
    questions = {question.id: question for question in exam.questions}
    doubtful = {
        number: response
        for number, response in sorted(responses.items())
        if response.exam == exam.name and is_doubtful(response)
    }
    given = [
        Given(item.question, questions[item.question_id].accepted, item.text, item.document)
        for item in doubtful.values()
    ]
    verdicts = exam.judge.verdicts(given)
    for (number, response), verdict in zip(doubtful.items(), verdicts, strict=True):
        responses[number] = judged(response, verdict)
        counts[UNREAD] += verdict.right is None and not verdict.failed
    return sum(verdict.retry for verdict in verdicts)


def _floor(exam: Exam, arm: str) -> Iterator[Response]:
    """What one gets for always taking the longest option."""
    if FLOOR not in exam.conditions:
        return
    for question in exam.questions:
        if question.options:
            scores = tuple(map(float, map(len, question.options)))
            ask = Ask(0, exam.name, FLOOR, Prompt(question, (), question.options))
            yield grade(ask, Said(max(question.options, key=len), scores), arm)


def _wanting(stage: str, responses: Sequence[Response], emit: Emit) -> dict[str, int]:
    """How many answers name no option, were cut off, asked for once more, or never came."""
    failed = [item for item in responses if item.failed]
    unparsed = [item for item in responses if not item.extracted and not item.failed]
    counts = {
        "unparsed": len(unparsed),
        "truncated": sum(item.truncated for item in responses),
        "forced": sum(item.forced for item in responses),
        "failed": len(failed),
        "judged": sum(item.extracted == JUDGED for item in responses),
        "judged_right": sum(item.extracted == JUDGED and item.correct for item in responses),
    }
    for reason, count in Counter(item.failed for item in failed).most_common(3):
        emit(Notice(stage, f"{count} questions got no answer and count as wrong: {reason}"))
    if unnamed := sum(bool(item.options) for item in unparsed):
        emit(Notice(stage, f"{unnamed} answers name no option and count as wrong"))
    return {name: count for name, count in counts.items() if count}


def _always(responses: Sequence[Response]) -> str:
    """Which place among the options nearly every answer took, in words; "" if none, or if nearly
    every right option stands there."""
    asked = [r for r in responses if r.chosen is not None and r.options and r.condition != FLOOR]
    places = Counter(r.shown(r.chosen or 0) for r in asked)
    ((place, most),) = places.most_common(1) or [(0, 0)]
    right = sum(r.shown(r.answer) == place for r in asked)
    if most < max(FEW, ALWAYS * len(asked)) or right >= ALWAYS * len(asked):
        return ""
    took = f"{most} of {len(asked)} answers took the option shown as {LETTERS[place]}"
    return f"{took}, where {right} right ones stand"
