"""The forms in which a student is asked, and in which it is told a text to learn.

Mixing, pretraining and evaluation all build their turns here, so that what was trained is what is
asked. Knows no tokenizer and no chat template.
"""

from __future__ import annotations

from collections.abc import Sequence

from closedbook.records import Message

LETTERS = "ABCDEFGHIJKLMNOP"
"""What options are called where they are shown."""
THEN_LETTER = (
    'Think it over in a few sentences. Then end with a line that says "Answer: X", where X is the '
    "letter of the right option."
)
LETTER_ALONE = "Reply with the letter of the right option alone."
IN_FEW_WORDS = "Answer in a few words."


def ask_messages(question: str, passages: Sequence[str] = ()) -> tuple[Message, ...]:
    """The user's turn: passages, if any, then the question, with blank lines between."""
    return (Message("user", "\n\n".join([*(text.strip() for text in passages), question])),)


def choice_messages(
    question: str, options: Sequence[str], passages: Sequence[str] = (), *, think: bool
) -> tuple[Message, ...]:
    """As `ask_messages`, with the options by letter: to be thought over, or answered at once."""
    listed = "\n".join(
        f"{letter}. {text}" for letter, text in zip(LETTERS[: len(options)], options, strict=True)
    )
    how = THEN_LETTER if think else LETTER_ALONE
    return ask_messages("\n\n".join((question, listed, how)), passages)


def short_messages(question: str, passages: Sequence[str] = ()) -> tuple[Message, ...]:
    """As `ask_messages`, for a question that a few words answer."""
    return ask_messages(f"{question}\n\n{IN_FEW_WORDS}", passages)


def study_messages(title: str, text: str) -> tuple[Message, ...]:
    """A text to learn as the assistant's reply to a request for it."""
    return (Message("user", f"Tell me about {title}."), Message("assistant", text.strip()))
