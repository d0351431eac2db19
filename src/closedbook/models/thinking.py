"""Telling a model's thinking from its answer, where both come in one text.

Knows only `<think>` tags; where an endpoint returns thinking apart, nothing here is needed.
Thinking never reaches the answer: thinking without an end makes the answer empty.
"""

from __future__ import annotations

import re

TAG = re.compile(r"<(/?)think>", re.IGNORECASE)


def split_thinking(text: str) -> tuple[str, str]:
    """(reasoning, answer) of a reply.

    A stretch is thinking if a tag opens it or a tag closes it (several templates put the opening
    tag into the prompt, so that replies hold only the closing one). If the last stretch was opened
    and not closed, the reply was cut off while thinking: all of it is reasoning.
    """
    stretches = TAG.split(text)
    if len(stretches) == 1:
        return "", text.strip()
    texts, tags = stretches[::2], stretches[1::2]
    opened = [False, *(tag == "" for tag in tags)]
    closed = [*(tag == "/" for tag in tags), False]
    unfinished = opened[-1]
    reasoning: list[str] = []
    answer: list[str] = []
    for piece, is_opened, is_closed in zip(texts, opened, closed, strict=True):
        (reasoning if unfinished or is_opened or is_closed else answer).append(piece.strip())
    return "\n".join(filter(None, reasoning)), "\n".join(filter(None, answer))
