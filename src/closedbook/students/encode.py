"""Rows to token ids and labels: the single truth of what a student sees and learns.

The ids are those of the tokenizer's own chat template, so training sees what inference sees. A
label is the token's own id where it is learned and IGNORED elsewhere. Invariants: every learned
assistant turn begins where the prompt of inference ends, token for token, and ends with its
end-of-turn token among the labels; a row that cannot be encoded whole is refused, never cut.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from closedbook.errors import StepError
from closedbook.records import Message, TrainingRow
from closedbook.students.rendering import ChatTemplate, Turn

if TYPE_CHECKING:
    from tokenizers import Encoding, Tokenizer
    from transformers import PreTrainedTokenizerBase

IGNORED = -100
"""The label of a token that is not learned (torch's cross-entropy default)."""
LONGEST_TAIL = 100
"""Characters. Longer ends of prompts differ from row to row, and are not remembered."""
MEANING = 1
"""Version of what encoding means; part of every `encoding_id`."""


@dataclass(frozen=True, slots=True)
class Encoded:
    """`labels[i]` is `ids[i]` if token i is learned, else IGNORED."""

    ids: Sequence[int]
    labels: Sequence[int]

    @property
    def loss_tokens(self) -> int:
        """How many tokens are learned; the first has no context and never counts."""
        labels = list(self.labels)
        return len(labels) - labels.count(IGNORED) - (labels[:1] not in ([], [IGNORED]))


def encode(tokenizer: PreTrainedTokenizerBase, row: TrainingRow, max_length: int) -> Encoded:
    """`row` as ids and labels, at most `max_length` of them.

    Raises StepError with a short reason: "special token in text", "template rewrites turns",
    "template refuses the conversation", "template has no end of turn", "prompt is tokenized
    otherwise", "too long", "no loss tokens".
    """
    (encoded,) = encode_batch(tokenizer, [row], max_length)
    if isinstance(encoded, StepError):
        raise encoded
    return encoded


def encode_batch(
    tokenizer: PreTrainedTokenizerBase, rows: Sequence[TrainingRow], max_length: int
) -> list[Encoded | StepError]:
    """As `encode`, with the refusals in their places; many rows at a time are much faster."""
    return _encoder(tokenizer, str(tokenizer.chat_template)).encode(rows, max_length)


def encode_prompt(
    tokenizer: PreTrainedTokenizerBase,
    messages: Sequence[Message],
    thinking: bool | None = None,
) -> list[int]:
    """The ids a student is given to continue as the assistant."""
    text = render(tokenizer, _stripped(messages), thinking, ask=True)
    ids: list[int] = tokenizer(text, add_special_tokens=False)["input_ids"]
    return ids


def render(
    tokenizer: PreTrainedTokenizerBase,
    messages: Sequence[Message],
    thinking: bool | None = None,
    *,
    ask: bool = False,
) -> str:
    """The conversation as the chat template writes it; `ask` opens the assistant's turn."""
    template = _encoder(tokenizer, str(tokenizer.chat_template)).template
    return template.render(messages, thinking, ask=ask)


def encoding_id(tokenizer: PreTrainedTokenizerBase) -> str:
    """Equal for tokenizers that encode every row alike, chat template included."""
    state = hashlib.blake2b(digest_size=8)
    for part in (MEANING, tokenizer.backend_tokenizer.to_str(), tokenizer.chat_template):
        state.update(f"{part}\0".encode())
    return state.hexdigest()


@lru_cache(maxsize=4)
def _encoder(tokenizer: PreTrainedTokenizerBase, _template: str) -> _Encoder:
    """Kept per tokenizer and template, since it remembers what it learned about them."""
    return _Encoder(tokenizer)


@dataclass(frozen=True, slots=True)
class _Draft:
    """A row on its way: its messages as they are encoded, and the whole as text."""

    row: TrainingRow
    messages: tuple[Message, ...]
    text: str


class _Encoder:
    """Encodes with one tokenizer and its chat template."""

    def __init__(self, tokenizer: PreTrainedTokenizerBase) -> None:
        self.template = ChatTemplate(tokenizer)
        self._backend: Tokenizer = tokenizer.backend_tokenizer
        self._backend.no_truncation()
        self._backend.no_padding()
        self._ends = special_ids(tokenizer)
        self._tails: dict[str, list[int]] = {}

    def encode(self, rows: Sequence[TrainingRow], max_length: int) -> list[Encoded | StepError]:
        drafts = self._drafts(rows)
        texts = [draft.text for draft in drafts if isinstance(draft, _Draft)]
        encodings = iter(self._backend.encode_batch(texts, add_special_tokens=False))
        return [
            draft
            if isinstance(draft, StepError)
            else self._done(draft, next(encodings), max_length)
            for draft in drafts
        ]

    def _drafts(self, rows: Sequence[TrainingRow]) -> list[_Draft | StepError]:
        """Every row as text, rendered together with those that think alike."""
        drafts: list[_Draft | StepError] = [StepError("not rendered")] * len(rows)
        messages = [_stripped(row.messages) for row in rows]
        for thinking in dict.fromkeys(row.thinking for row in rows):
            places = [place for place, row in enumerate(rows) if row.thinking == thinking]
            texts = self.template.render_all([messages[place] for place in places], thinking)
            for place, text in zip(places, texts, strict=True):
                drafts[place] = (
                    text
                    if isinstance(text, StepError)
                    else _Draft(rows[place], messages[place], text)
                )
        return drafts

    def _done(self, draft: _Draft, encoding: Encoding, limit: int) -> Encoded | StepError:
        try:
            return self._labelled(draft, encoding, limit)
        except StepError as error:
            return error

    def _labelled(self, draft: _Draft, encoding: Encoding, limit: int) -> Encoded:
        for message in draft.messages:
            if found := self.template.special.search(message.content):
                raise StepError("special token in text", hint=found[0])
        ids: list[int] = encoding.ids
        if len(ids) > limit:
            raise StepError("too long", hint=f"{len(ids)} tokens, at most {limit} are allowed")
        turns = self.template.turns(draft.text, draft.messages, draft.row.thinking)
        if draft.row.loss == "all":
            return _checked(Encoded(ids, ids))
        labels = [IGNORED] * len(ids)
        for turn, message in zip(turns, draft.messages, strict=True):
            if message.role == "assistant":
                first = self._first(draft.text, turn, encoding, ids)
                last = self._end_of_turn(draft.text, turn, encoding, ids)
            elif message.role == "system" or draft.row.loss == "assistant" or not message.content:
                continue
            else:
                first = _token_at(encoding, turn.start, turn.end)
                last = _token_at(encoding, turn.end - 1, turn.start - 1)
            labels[first : last + 1] = ids[first : last + 1]
        return _checked(Encoded(ids, labels))

    def _first(self, text: str, turn: Turn, encoding: Encoding, ids: list[int]) -> int:
        """The first token after the prompt, whose tokens must be those it has when it stands
        alone. Only what follows its last special token can differ."""
        first = _token_at(encoding, turn.asked, len(text))
        tail = self.template.special.split(text[: turn.asked])[-1]
        alone = self._tails.get(tail)
        if alone is None:
            alone = self._backend.encode(tail, add_special_tokens=False).ids
            if len(tail) < LONGEST_TAIL:
                self._tails[tail] = alone
        if ids[first - len(alone) : first] != alone:
            prompt = self._backend.encode(text[: turn.asked], add_special_tokens=False).ids
            if ids[:first] != prompt:
                raise StepError("prompt is tokenized otherwise", hint=repr(tail[-20:]))
        return first

    def _end_of_turn(self, text: str, turn: Turn, encoding: Encoding, ids: list[int]) -> int:
        """The special token that ends the turn, with nothing but white space before it."""
        found = self.template.special.search(text, turn.end)
        if found and not text[turn.end : found.start()].strip():
            place = _token_at(encoding, found.start(), found.end())
            if ids[place] in self._ends:
                return place
        raise StepError("template has no end of turn")


def special_ids(tokenizer: PreTrainedTokenizerBase) -> set[int]:
    """The ids of all special tokens, those of roles and turns included."""
    added = tokenizer.added_tokens_decoder.items()
    return {*tokenizer.all_special_ids, *(place for place, token in added if token.special)}


def _stripped(messages: Sequence[Message]) -> tuple[Message, ...]:
    """Without white space at the edges: some templates trim it, and training and asking must
    agree."""
    return tuple(Message(message.role, message.content.strip()) for message in messages)


def _checked(encoded: Encoded) -> Encoded:
    if not encoded.loss_tokens:
        raise StepError("no loss tokens")
    return encoded


def _token_at(encoding: Encoding, place: int, end: int) -> int:
    """The token of the first character from `place` on, towards `end`, that has one; white space
    may have none of its own."""
    step = 1 if place < end else -1
    for character in range(place, end, step):
        token: int | None = encoding.char_to_token(character)
        if token is not None:
            return token
    raise StepError("turn without tokens")
