"""The rehearsal teacher behind the chat protocol: a stand-in for a language model, not one.

It sees only the messages of a request, decides what they ask for by what they say, and replies by
rule. The same messages always get the same reply; `sampling` and `sample` change nothing. It tells
thoughts only where the request asks for thinking.
"""

from __future__ import annotations

from collections.abc import Callable

from closedbook.models.chat import ChatModel, ChatRequest
from closedbook.models.rehearsal import answering, demonstrations, replies, views
from closedbook.models.rehearsal.brief import Brief, read_brief
from closedbook.models.rehearsal.judging import VERDICTS, same_answer, verdict
from closedbook.records import Completion

IDENTITY = "rehearsal-teacher-3"
"""Change the number with any change of what is replied: it is part of every journal key."""
CANNOT = (
    "I cannot do this. I am a rule-based stand-in for a language model: I can ask about a document,"
    " restate it, make multiple-choice questions, judge an answer by its words, and answer from a"
    " document."
)
Reply = Callable[[Brief], str]

_FORMS: dict[frozenset[str], Reply] = {
    frozenset({"QUESTION", "ANSWER", "EVIDENCE"}): replies.pairs,
    frozenset({"QUESTION", "ANSWER"}): replies.pairs,
    frozenset({"QUESTION"}): replies.questions_alone,
    frozenset({"TEXT"}): replies.study,
    frozenset({"QUESTION", "CORRECT", "WRONG_1", "WRONG_2", "WRONG_3"}): replies.exam,
    frozenset({"QUESTION", "CORRECT", "WRONG_1", "WRONG_2", "WRONG_3", "EVIDENCE"}): replies.exam,
    frozenset({"ANSWER"}): answering.answer_in_form,
    frozenset({"OPEN_BOOK"}): answering.open_book,
    frozenset({"CLOSED_BOOK"}): answering.closed_book,
    frozenset({"CLEAN_THINKING", "CLEAN_ANSWER"}): answering.rewritten,
    frozenset({"VERDICT"}): same_answer,
    frozenset({"PASSAGE", "DRAFT"}): demonstrations.draft,
}
_FREE: tuple[tuple[str, Reply], ...] = (
    ("carry out this study strategy", views.note),
    ("study strategies", views.strategies),
    ("atomic facts", views.facts),
    ("extractive summary", views.extract),
    ("detailed summary", views.summary),
    ("summar", views.extract),
)
"""What a prompt that wants free text says, the first that fits."""


class RehearsalTeacher(ChatModel):
    """Costs nothing, needs no network, answers at once."""

    @property
    def identity(self) -> str:
        return IDENTITY

    async def complete(self, request: ChatRequest, affinity: str = "") -> Completion:  # noqa: ARG002
        """The reply, with words counted in place of tokens. Never raises."""
        brief = read_brief(request.messages)
        text = reply(brief)
        reasoning = answering.thoughts(brief) if request.thinking else ""
        prompted = sum(len(message.content.split()) for message in request.messages)
        written = len(text.split()) + len(reasoning.split())
        return Completion(text, reasoning, prompt_tokens=prompted, completion_tokens=written)


def reply(brief: Brief) -> str:
    """What the brief asks for, or that it cannot be done."""
    form = frozenset(brief.form)
    if form:
        return verdict(brief) if form <= VERDICTS else _FORMS.get(form, _cannot)(brief)
    if brief.replies and "PASSAGE" in brief.wish:
        return demonstrations.as_json(brief) if "JSON" in brief.last else brief.replies[-1]
    if brief.question:
        return answering.answer(brief)
    if not brief.document:
        return CANNOT
    wish = brief.wish.lower()
    return next((make for words, make in _FREE if words in wish), _cannot)(brief)


def _cannot(_brief: Brief) -> str:
    return CANNOT
