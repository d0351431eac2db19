"""A conversation as the chat template writes it, and where each turn's content stands in it.

Knows text, no tokens. Invariants: a turn is found word for word or the conversation is refused;
what stands before the end of a prompt is what the template gives when it asks for that turn.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from jinja2 import TemplateError

from closedbook.errors import StepError
from closedbook.records import Message

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

Conversation = Sequence[Message]


class Turn(NamedTuple):
    """Content at the characters `start` to `end`. For an assistant's turn `asked` is where the
    prompt that asks for it ends, and what the student has to write begins."""

    start: int
    end: int
    asked: int


class Mark(NamedTuple):
    """Where an assistant's turn stands, in special tokens: `opened` of them stand before its prompt
    ends, with the text `tail` after the last of these; the one of number `closed` ends the turn."""

    opened: int
    tail: str
    closed: int


@dataclass(frozen=True, slots=True)
class Frame:
    """What a template puts around contents it does not look into: `pieces[i]` before turn i, the
    last one after all. `asked[i]` is how many characters of `pieces[i]` belong to the prompt.

    `special` counts the special tokens in it; `marks[i]` is None where they do not tell where the
    turn stands.
    """

    pieces: tuple[str, ...]
    asked: tuple[int, ...]
    special: int
    marks: tuple[Mark | None, ...]

    @classmethod
    def of(cls, pieces: Sequence[str], asked: Sequence[int], special: re.Pattern[str]) -> Frame:
        marks: list[Mark | None] = []
        before = 0
        for place, (piece, after) in enumerate(pairwise(pieces)):
            *within, tail = special.split(piece[: asked[place]])
            closing = special.search(after)
            number = before + len(special.findall(piece))
            # Without a special token after it, an earlier turn's content belongs to the tail.
            apart = within or not place
            ended = closing and not after[: closing.start()].strip()
            marks.append(Mark(before + len(within), tail, number) if apart and ended else None)
            before = number
        return cls(
            tuple(pieces), tuple(asked), before + len(special.findall(pieces[-1])), tuple(marks)
        )

    def fits(self, whole: str, messages: Conversation) -> bool:
        """Whether `whole` is nothing but these pieces and the contents."""
        parts = [self.pieces[0]]
        for message, piece in zip(messages, self.pieces[1:], strict=True):
            parts += (message.content, piece)
        return "".join(parts) == whole

    def turns(self, messages: Conversation) -> tuple[Turn, ...]:
        turns, place = [], 0
        for piece, asked, message in zip(self.pieces, self.asked, messages, strict=False):
            start = place + len(piece)
            turns.append(Turn(start, start + len(message.content), place + asked))
            place = turns[-1].end
        return tuple(turns)


class ChatTemplate:
    """The chat template of a tokenizer."""

    def __init__(self, tokenizer: PreTrainedTokenizerBase) -> None:
        from transformers.utils.chat_template_utils import _compile_jinja_template

        # As apply_chat_template renders, without its copies of all turns.
        self._compiled = _compile_jinja_template(tokenizer.get_chat_template())
        self._tokens = tokenizer.special_tokens_map
        added = tokenizer.added_tokens_decoder.values()
        special = {*tokenizer.all_special_tokens, *(str(t) for t in added if t.special)}
        self.special = re.compile("|".join(map(re.escape, sorted(special, key=len, reverse=True))))
        """Matches the text of any special token."""
        self._frames: dict[tuple[object, ...], Frame | None] = {}

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

    def frame(self, whole: str, messages: Conversation, thinking: bool | None) -> Frame | None:
        """What stands around the contents in `whole`, the rendering of `messages`; None where the
        template does more than that, or refuses the prompt of a turn."""
        key = (thinking, *(message.role for message in messages))
        if key not in self._frames:
            try:
                self._frames[key] = self._frame(messages, thinking)
            except StepError:
                self._frames[key] = None
        frame = self._frames[key]
        return frame if frame and frame.fits(whole, messages) else None

    def turns(self, whole: str, messages: Conversation, thinking: bool | None) -> tuple[Turn, ...]:
        """Where the turns stand in `whole`. Raises StepError("template rewrites turns")."""
        frame = self.frame(whole, messages, thinking)
        if frame:
            return frame.turns(messages)
        return tuple(self._turn(whole, messages, place, thinking) for place in range(len(messages)))

    def _render(
        self, conversations: Sequence[Conversation], thinking: bool | None, *, ask: bool
    ) -> Iterator[str]:
        # Families name the switch differently; a template ignores a name it does not know.
        names = () if thinking is None else ("enable_thinking", "thinking")
        said = {**self._tokens, **dict.fromkeys(names, thinking), "add_generation_prompt": ask}
        try:
            for one in conversations:
                turns = [{"role": turn.role, "content": turn.content} for turn in one]
                yield self._compiled.render(messages=turns, tools=None, documents=None, **said)
        except TemplateError as error:
            raise StepError("template refuses the conversation", hint=str(error)) from error

    def _frame(self, messages: Conversation, thinking: bool | None) -> Frame | None:
        """None where the template does more than to put something around contents. Raises
        StepError where it refuses them, or the prompt of a turn."""
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
        return Frame.of((*pieces, rest), asked, self.special)

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
