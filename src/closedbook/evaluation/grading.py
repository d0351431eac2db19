"""From what was said to a Response: the option taken, by which rule, and whether it is right.

Knows the exam and the answers, not who gave them. Invariant: what was asked gets one Response,
whatever came back.
"""

from __future__ import annotations

from dataclasses import replace

from closedbook.evaluation.asking import Ask, Said
from closedbook.evaluation.extracting import extract
from closedbook.evaluation.judge import Verdict
from closedbook.evaluation.matching import matches
from closedbook.records import Question, Response

MATCH, NO_MATCH = "match", "no match"
"""How a short answer compares with the accepted ones."""
SWITCHED, NOT_SWITCHED = "thinking as asked", "thinking not as asked"
"""Whether it was thought, where a question says whether to."""
JUDGED = "judge"
"""Where a judge said whether it is right."""


def grade(ask: Ask, said: Said, arm: str) -> Response:
    """The response of an arm."""
    question = ask.prompt.question
    count = len(said.scores)
    # In the exam's order of the options.
    scores = tuple(said.scores[(place - ask.permutation) % count] for place in range(count))
    chosen, extracted = _told(ask, said, scores)
    correct = chosen == question.answer if question.options else extracted in (MATCH, SWITCHED)
    return Response(
        exam=ask.exam,
        arm=arm,
        condition=ask.condition,
        question_id=question.id,
        document=question.document,
        question=question.question,
        options=question.options,
        answer=question.answer,
        scores=scores,
        chosen=chosen,
        correct=correct,
        text=said.text,
        retrieved=ask.prompt.retrieved,
        sample=ask.sample,
        permutation=ask.permutation,
        hard=question.hard,
        expected=question.right,
        extracted=extracted,
        reasoning=said.reasoning,
        truncated=said.truncated,
        forced=said.letter is not None,
        failed=said.failed,
        prompt_tokens=said.prompt_tokens,
        completion_tokens=said.completion_tokens,
        seconds=said.seconds,
    )


def is_doubtful(response: Response) -> bool:
    """Whether a judge could still find it right: a short answer that only does not match."""
    return response.extracted == NO_MATCH and bool(response.text.strip())


def judged(response: Response, verdict: Verdict) -> Response:
    """With a judge's verdict; without one it is unparsed, or failed, and wrong."""
    if verdict.failed:
        return replace(response, extracted="", failed=f"no verdict: {verdict.failed}")
    told = "" if verdict.right is None else JUDGED
    return replace(response, extracted=told, correct=bool(verdict.right))


def names_an_option(ask: Ask, text: str) -> bool:
    """Whether an option can be told from an answer."""
    return extract(text, ask.prompt.options)[0] is not None


def _told(ask: Ask, said: Said, scores: tuple[float, ...]) -> tuple[int | None, str]:
    question = ask.prompt.question
    if said.failed:
        return None, ""
    if scores:
        return max(range(len(scores)), key=scores.__getitem__), "scores"
    if not question.options:
        return None, _compared(question, said)
    for text in filter(None, (said.text, said.letter)):
        place, rule = extract(text, ask.prompt.options)
        if place is not None:
            return (place + ask.permutation) % len(question.options), rule
    return None, ""


def _compared(question: Question, said: Said) -> str:
    """What there is to say of a short answer."""
    if not _is_as_asked(question, said):
        return NOT_SWITCHED
    if not question.accepted:
        return SWITCHED
    return MATCH if matches(said.text, question.accepted) else NO_MATCH


def _is_as_asked(question: Question, said: Said) -> bool:
    """Thinking that was cut off is some; without any there must be an answer."""
    if question.thinking is None:
        return True
    thought = bool(said.reasoning.strip())
    return thought if question.thinking else bool(said.text.strip()) and not thought
