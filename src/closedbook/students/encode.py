"""Rows to token ids and labels: the single truth of what a student sees and learns.

The ids are those of the tokenizer's own chat template, so training sees what inference sees. A
label is the token's own id where it is learned and IGNORED elsewhere. Invariants: every learned
assistant turn ends with its end-of-turn token among the labels; a row that cannot be encoded whole
is refused, never cut.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from closedbook.errors import StepError
from closedbook.records import LossPolicy, Message, TrainingRow

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

IGNORED = -100
"""The label of a token that is not learned (torch's cross-entropy default)."""

_MARK = "\ue000"
"""Stands in for a turn's content to find its place; private use, so no template writes it."""


@dataclass(frozen=True, slots=True)
class Encoded:
    """`labels[i]` is `ids[i]` if token i is learned, else IGNORED."""

    ids: tuple[int, ...]
    labels: tuple[int, ...]

    @property
    def loss_tokens(self) -> int:
        """How many tokens are learned; the first has no context and never counts."""
        return sum(label != IGNORED for label in self.labels[1:])


@dataclass(frozen=True, slots=True)
class _Span:
    """Characters `start` to `end` of the rendered row; `closes` asks for the end-of-turn token
    that follows."""

    start: int
    end: int
    closes: bool


def encode(tokenizer: PreTrainedTokenizerBase, row: TrainingRow, max_length: int) -> Encoded:
    """`row` as ids and labels, at most `max_length` of them.

    Raises StepError with a short reason: "special token in text", "template rewrites turns", "too
    long", "no loss tokens".
    """
    messages = _stripped(row.messages)
    _refuse_special_tokens(tokenizer, messages)
    text = render(tokenizer, messages)
    encoding = tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)
    ids: list[int] = encoding["input_ids"]
    if len(ids) > max_length:
        raise StepError("too long", hint=f"{len(ids)} tokens, at most {max_length} are allowed")
    if row.loss == "all":
        return _checked(Encoded(tuple(ids), tuple(ids)))
    labels = [IGNORED] * len(ids)
    ends = set(tokenizer.all_special_ids)
    for span in _learned_spans(tokenizer, messages, row.loss):
        for index in _tokens_of(span, encoding["offset_mapping"], ids, ends):
            labels[index] = ids[index]
    return _checked(Encoded(tuple(ids), tuple(labels)))


def render(
    tokenizer: PreTrainedTokenizerBase, messages: Sequence[Message], *, ask: bool = False
) -> str:
    """The conversation as the chat template writes it; `ask` opens the assistant's turn."""
    turns = [{"role": m.role, "content": m.content} for m in messages]
    text = tokenizer.apply_chat_template(turns, tokenize=False, add_generation_prompt=ask)
    if not isinstance(text, str):
        raise TypeError("a chat template renders one conversation to one text")
    return text


def encode_prompt(tokenizer: PreTrainedTokenizerBase, messages: Sequence[Message]) -> list[int]:
    """The ids a student is given to continue as the assistant."""
    text = render(tokenizer, _stripped(messages), ask=True)
    ids: list[int] = tokenizer(text, add_special_tokens=False)["input_ids"]
    return ids


def _stripped(messages: Sequence[Message]) -> tuple[Message, ...]:
    """Without white space at the edges: some templates trim it, and training and asking must
    agree."""
    return tuple(Message(message.role, message.content.strip()) for message in messages)


def _checked(encoded: Encoded) -> Encoded:
    if not encoded.loss_tokens:
        raise StepError("no loss tokens")
    return encoded


def _refuse_special_tokens(tokenizer: PreTrainedTokenizerBase, messages: Sequence[Message]) -> None:
    for token in tokenizer.all_special_tokens:
        if any(token in message.content for message in messages):
            raise StepError("special token in text", hint=token)


def _learned_spans(
    tokenizer: PreTrainedTokenizerBase, messages: tuple[Message, ...], policy: LossPolicy
) -> list[_Span]:
    """The characters of the learned turns, found by rendering the conversation turn by turn: up to
    the end of each turn's content, the rendering must be the beginning of the whole."""
    whole = render(tokenizer, messages)
    spans = []
    for count, message in enumerate(messages, 1):
        answers = message.role == "assistant"
        if not answers and (message.role == "system" or policy == "assistant"):
            continue
        earlier = messages[: count - 1]
        start = render(tokenizer, (*earlier, Message(message.role, _MARK))).rfind(_MARK)
        end = start + len(message.content)
        if not whole.startswith(render(tokenizer, messages[:count])[:end]) or start < 0:
            raise StepError("template rewrites turns", hint=f"turn {count}")
        if answers:
            # An answer is learned from where the prompt ends: what the template puts before the
            # content is the student's to write as well.
            start = len(render(tokenizer, earlier, ask=True))
        spans.append(_Span(start, end, answers))
    return spans


def _tokens_of(
    span: _Span, offsets: Sequence[tuple[int, int]], ids: Sequence[int], ends: set[int]
) -> list[int]:
    indices = [i for i, (start, end) in enumerate(offsets) if start < span.end and end > span.start]
    if span.closes:
        after = indices[-1] + 1 if indices else _first_from(span.start, offsets)
        closing = next((i for i in range(after, len(ids)) if ids[i] in ends), None)
        if closing is None:
            raise StepError("template has no end of turn")
        indices.append(closing)
    return indices


def _first_from(place: int, offsets: Sequence[tuple[int, int]]) -> int:
    return next((i for i, (start, _) in enumerate(offsets) if start >= place), len(offsets))
