"""The one form in which a student is asked, and in which it is told a text to learn.

Mixing, pretraining and evaluation all build their turns here, so that what was trained is what is
asked. Knows no tokenizer and no chat template.
"""

from __future__ import annotations

from collections.abc import Sequence

from closedbook.records import Message


def ask_messages(question: str, passages: Sequence[str] = ()) -> tuple[Message, ...]:
    """The user's turn: passages, if any, then the question, with blank lines between."""
    return (Message("user", "\n\n".join([*(text.strip() for text in passages), question])),)


def study_messages(title: str, text: str) -> tuple[Message, ...]:
    """A text to learn as the assistant's reply to a request for it."""
    return (Message("user", f"Tell me about {title}."), Message("assistant", text.strip()))
