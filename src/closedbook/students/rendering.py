"""A conversation as the chat template writes it, and where each turn's content stands in it.

Knows text, no tokens. Invariants: a turn is found word for word or the conversation is refused;
what stands before the end of a prompt is what the template gives when it asks for that turn.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from jinja2 import TemplateError

from closedbook.errors import StepError
from closedbook.records import Message

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

Conversation = Sequence[Message]


@dataclass(frozen=True, slots=True)
class Turn:
    """Content at the characters `start` to `end`. For an assistant's turn `asked` is where the
    prompt that asks for it ends, and what the student has to write begins."""

    start: int
    end: int
    asked: int


@dataclass(frozen=True, slots=True)
class _Shape:
    """What a template puts around contents it does not look into: `pieces[i]` before turn i, the
    last one after all. `asked[i]` is how many characters of `pieces[i]` belong to the prompt."""

    pieces: tuple[str, ...]
    asked: tuple[int, ...]

    def turns(self, whole: str, messages: Conversation) -> tuple[Turn, ...] | None:
        """The turns, if `whole` is nothing but these pieces and the contents."""
        turns, place = [], 0
        for piece, asked, message in zip(self.pieces, self.asked, messages, strict=False):
            start = place + len(piece)
            if not whole.startswith(piece, place) or not whole.startswith(message.content, start):
                return None
            turns.append(Turn(start, start + len(message.content), place + asked))
            place = turns[-1].end
        return tuple(turns) if whole[place:] == self.pieces[-1] else None


class ChatTemplate:
    """The chat template of a tokenizer."""

    def __init__(self, tokenizer: PreTrainedTokenizerBase) -> None:
        self._tokenizer = tokenizer
        added = tokenizer.added_tokens_decoder.values()
        special = {*tokenizer.all_special_tokens, *(str(t) for t in added if t.special)}
        self.special = re.compile("|".join(map(re.escape, sorted(special, key=len, reverse=True))))
        """Matches the text of any special token."""
        self._shapes: dict[tuple[object, ...], _Shape | None] = {}

    def render(
        self, messages: Conversation, thinking: bool | None = None, *, ask: bool = False
    ) -> str:
        """The conversation; `ask` opens the assistant's turn. Raises StepError("template refuses
        the conversation")."""
        return next(self._render([messages], thinking, ask=ask))

    def render_all(
        self, conversations: Sequence[Conversation], thinking: bool | None
    ) -> Iterator[str | StepError]:
        """As `render`, with the refusals in their places."""
        try:
            yield from list(self._render(conversations, thinking, ask=False))
        except StepError:
            for messages in conversations:
                try:
                    yield self.render(messages, thinking)
                except StepError as error:
                    yield error

    def turns(self, whole: str, messages: Conversation, thinking: bool | None) -> tuple[Turn, ...]:
        """Where the turns stand in `whole`, the rendering of `messages`. Raises
        StepError("template rewrites turns")."""
        key = (thinking, *(message.role for message in messages))
        if key not in self._shapes:
            self._shapes[key] = self._shape(messages, thinking)
        shape = self._shapes[key]
        found = shape.turns(whole, messages) if shape else None
        return found or tuple(
            self._turn(whole, messages, place, thinking) for place in range(len(messages))
        )

    def _render(
        self, conversations: Sequence[Conversation], thinking: bool | None, *, ask: bool
    ) -> Iterator[str]:
        # Families name the switch differently; a template ignores a name it does not know.
        names = () if thinking is None else ("enable_thinking", "thinking")
        switch: dict[str, Any] = dict.fromkeys(names, thinking)
        turns = [[{"role": m.role, "content": m.content} for m in one] for one in conversations]
        try:
            texts = self._tokenizer.apply_chat_template(
                turns, tokenize=False, add_generation_prompt=ask, **switch
            )
        except TemplateError as error:
            raise StepError("template refuses the conversation", hint=str(error)) from error
        for text in texts:
            if not isinstance(text, str):
                raise TypeError("a chat template renders a conversation to a text")
            yield text

    def _shape(self, messages: Conversation, thinking: bool | None) -> _Shape | None:
        """None where the template does more than to put something around contents."""
        marks = [f"\ue000{place}\ue001" for place in range(len(messages))]
        marked = [Message(m.role, mark) for m, mark in zip(messages, marks, strict=True)]
        rest = self.render(marked, thinking)
        pieces, asked, before = [], [], ""
        for place, mark in enumerate(marks):
            piece, found, rest = rest.partition(mark)
            prompt = self._prompt(marked, place, thinking, default=before + piece)
            if not found or not (before + piece).startswith(prompt) or len(prompt) < len(before):
                return None
            pieces.append(piece)
            asked.append(len(prompt) - len(before))
            before += piece + mark
        return _Shape((*pieces, rest), tuple(asked))

    def _prompt(
        self, messages: Conversation, place: int, thinking: bool | None, default: str
    ) -> str:
        """What asks for the turn at `place`; `default` where nobody would ask for it."""
        if place == 0 or messages[place].role != "assistant":
            return default
        return self.render(messages[:place], thinking, ask=True)

    def _turn(self, whole: str, messages: Conversation, place: int, thinking: bool | None) -> Turn:
        """One turn of a template that treats contents differently."""
        content, earlier, mark = messages[place].content, messages[:place], "\ue000\ue001"
        marked = self.render([*earlier, Message(messages[place].role, mark)], thinking)
        start = marked.rfind(mark)
        prompt = self._prompt(messages, place, thinking, default=whole[: max(start, 0)])
        if start < 0 or not whole.startswith(content, start):
            start = self._found(whole, content, prompt)
        if start < 0:
            raise StepError("template rewrites turns", hint=f"turn {place + 1}")
        end = start + len(content)
        if not whole.startswith(prompt) or len(prompt) > end:
            raise StepError("template rewrites turns", hint=f"before turn {place + 1}")
        return Turn(start, end, len(prompt))

    def _found(self, whole: str, content: str, prompt: str) -> int:
        """Where the content begins after the prompt, or in its end where the prompt opens it (a
        thought, say); -1 if it does not stand there word for word."""
        opened = len(prompt) - len(self.special.split(prompt)[-1])
        for earliest in (len(prompt), opened):
            start = whole.find(content, earliest)
            if start >= 0 and not self.special.search(whole, earliest, start):
                return start
        return -1
