"""The rehearsal teacher behind the chat protocol: a stand-in for a language model, not one.

It sees only the messages of a request, decides what they ask for by what they say, and replies by
rule. The same messages always get the same reply; `sampling` and `sample` change nothing.
"""

from __future__ import annotations

from collections.abc import Callable

from closedbook.models.chat import ChatModel, ChatRequest
from closedbook.models.rehearsal import replies
from closedbook.models.rehearsal.brief import Brief, read_brief
from closedbook.records import Completion

IDENTITY = "rehearsal-teacher-1"
"""Change the number with any change of what is replied: it is part of every journal key."""
CANNOT = (
    "I cannot do this. I am a rule-based stand-in for a language model: I can ask about a document,"
    " restate it, make multiple-choice questions, judge an answer by its words, and answer from a"
    " document."
)

_FORMS: dict[frozenset[str], Callable[[Brief], str]] = {
    frozenset({"QUESTION", "ANSWER", "EVIDENCE"}): replies.pairs,
    frozenset({"TEXT"}): replies.study,
    frozenset({"QUESTION", "CORRECT", "WRONG_1", "WRONG_2", "WRONG_3"}): replies.exam,
}


class RehearsalTeacher(ChatModel):
    """Costs nothing, needs no network, answers at once."""

    @property
    def identity(self) -> str:
        return IDENTITY

    async def complete(self, request: ChatRequest, affinity: str = "") -> Completion:  # noqa: ARG002
        """The reply, with words counted in place of tokens. Never raises."""
        text = reply(read_brief(request.messages))
        prompted = sum(len(message.content.split()) for message in request.messages)
        return Completion(text, prompt_tokens=prompted, completion_tokens=len(text.split()))


def reply(brief: Brief) -> str:
    """What the brief asks for, or that it cannot be done."""
    form = frozenset(brief.form)
    if form and form <= replies.VERDICTS:
        return replies.verdict(brief)
    if form:
        return _FORMS[form](brief) if form in _FORMS else CANNOT
    if brief.question:
        return replies.answer(brief)
    return replies.summary(brief) if "summar" in brief.wish.lower() and brief.document else CANNOT
