"""Which tokens of a rendered conversation are learned.

Knows ids, texts and where the turns stand, not how they are rendered. Invariant: every learned
assistant turn begins where the prompt of inference ends, token for token, or is refused.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from re import Pattern
from typing import TYPE_CHECKING

from closedbook.errors import StepError
from closedbook.records import Message
from closedbook.students.rendering import Frame, Turn

if TYPE_CHECKING:
    from tokenizers import Encoding, Tokenizer

IGNORED = -100
"""The label of a token that is not learned (torch's cross-entropy default)."""
LONGEST_TAIL = 100
"""Characters. Longer ends of prompts differ from row to row, and are not remembered."""


@dataclass(frozen=True, slots=True)
class Labelling:
    """`special` matches the special tokens in a text, `ends` are their ids."""

    backend: Tokenizer
    special: Pattern[str]
    ends: Collection[int]
    tails: dict[str, list[int]] = field(default_factory=dict)

    def by_frame(
        self, loss: str, messages: Sequence[Message], frame: Frame, ids: list[int]
    ) -> list[int] | None:
        """The labels, from the special tokens alone; None where these do not tell. Without
        the tokens' places in the text, which cost as much as a third of tokenizing."""
        if loss == "all":
            return ids
        places = [place for place, token in enumerate(ids) if token in self.ends]
        if len(places) != frame.special:
            return None
        labels = [IGNORED] * len(ids)
        for mark, message in zip(frame.marks, messages, strict=True):
            if message.role != "assistant":
                continue
            if mark is None:
                return None
            alone = self._alone(mark.tail)
            start = places[mark.opened - 1] + 1 if mark.opened else 0
            first, last = start + len(alone), places[mark.closed]
            if ids[start:first] != alone:
                return None
            labels[first : last + 1] = ids[first : last + 1]
        return labels

    def by_text(
        self,
        loss: str,
        messages: Sequence[Message],
        text: str,
        turns: Sequence[Turn],
        encoding: Encoding,
    ) -> list[int]:
        """The labels, from where every token stands in the text. Raises StepError."""
        ids: list[int] = encoding.ids
        if loss == "all":
            return ids
        labels = [IGNORED] * len(ids)
        for turn, message in zip(turns, messages, strict=True):
            if message.role == "assistant":
                first = self._first(text, turn, encoding, ids)
                last = self._end_of_turn(text, turn, encoding, ids)
            elif message.role == "system" or loss == "assistant" or not message.content:
                continue
            else:
                first = _token_at(encoding, turn.start, turn.end)
                last = _token_at(encoding, turn.end - 1, turn.start - 1)
            labels[first : last + 1] = ids[first : last + 1]
        return labels

    def _first(self, text: str, turn: Turn, encoding: Encoding, ids: list[int]) -> int:
        """The first token after the prompt, whose tokens must be those it has when it stands
        alone. Only what follows its last special token can differ."""
        first = _token_at(encoding, turn.asked, len(text))
        tail = self.special.split(text[: turn.asked])[-1]
        alone = self._alone(tail)
        if ids[first - len(alone) : first] != alone:
            prompt = self.backend.encode(text[: turn.asked], add_special_tokens=False).ids
            if ids[:first] != prompt:
                raise StepError("prompt is tokenized otherwise", hint=repr(tail[-20:]))
        return first

    def _alone(self, tail: str) -> list[int]:
        alone = self.tails.get(tail)
        if alone is None:
            alone = self.backend.encode(tail, add_special_tokens=False).ids
            if len(tail) < LONGEST_TAIL:
                self.tails[tail] = alone
        return alone

    def _end_of_turn(self, text: str, turn: Turn, encoding: Encoding, ids: list[int]) -> int:
        """The special token that ends the turn, with nothing but white space before it."""
        found = self.special.search(text, turn.end)
        if found and not text[turn.end : found.start()].strip():
            place = _token_at(encoding, found.start(), found.end())
            if ids[place] in self.ends:
                return place
        raise StepError("template has no end of turn")


def _token_at(encoding: Encoding, place: int, end: int) -> int:
    """The token of the first character from `place` on, towards `end`, that has one; white space
    may have none of its own."""
    step = 1 if place < end else -1
    for character in range(place, end, step):
        token: int | None = encoding.char_to_token(character)
        if token is not None:
            return token
    raise StepError("turn without tokens")
