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
from closedbook.students.labelling import IGNORED, Labelling
from closedbook.students.rendering import ChatTemplate

if TYPE_CHECKING:
    from tokenizers import Encoding, Tokenizer
    from transformers import PreTrainedTokenizerBase

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
        first_is_learned = len(self.labels) > 0 and self.labels[0] != IGNORED
        return len(self.labels) - self.labels.count(IGNORED) - first_is_learned


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
    template = _encoder(tokenizer, str(tokenizer.chat_template)).template
    text = template.render(_stripped(messages), thinking, ask=True)
    ids: list[int] = tokenizer(text, add_special_tokens=False, verbose=False)["input_ids"]
    return ids


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


class _Encoder:
    """Encodes with one tokenizer and its chat template."""

    def __init__(self, tokenizer: PreTrainedTokenizerBase) -> None:
        self.template = ChatTemplate(tokenizer)
        self._backend: Tokenizer = tokenizer.backend_tokenizer
        self._backend.no_truncation()
        self._backend.no_padding()
        self._labelling = Labelling(self._backend, self.template.special, special_ids(tokenizer))

    def encode(self, rows: Sequence[TrainingRow], max_length: int) -> list[Encoded | StepError]:
        conversations = [_stripped(row.messages) for row in rows]
        texts = self._texts(rows, conversations)
        frames = [
            self.template.frame(text, messages, row.thinking)
            if isinstance(text, str) and row.loss != "all-but-system"
            else None
            for row, messages, text in zip(rows, conversations, texts, strict=True)
        ]
        framed = [str(text) for text, frame in zip(texts, frames, strict=True) if frame]
        quick = iter(self._backend.encode_batch_fast(framed, add_special_tokens=False))
        others = [
            text
            for text, frame in zip(texts, frames, strict=True)
            if isinstance(text, str) and not frame
        ]
        exact = iter(self._backend.encode_batch(others, add_special_tokens=False))
        encoded: list[Encoded | StepError] = []
        for row, messages, text, frame in zip(rows, conversations, texts, frames, strict=True):
            if isinstance(text, StepError):
                encoded.append(text)
                continue
            encoding = next(quick if frame else exact)
            try:
                ids = self._ids(messages, encoding, max_length)
                labels = self._labelling.by_frame(row.loss, messages, frame, ids) if frame else None
                if labels is None:
                    labels = self._by_text(row, messages, text, None if frame else encoding)
                made = Encoded(ids, labels)
                encoded.append(made if made.loss_tokens else StepError("no loss tokens"))
            except StepError as error:
                encoded.append(error)
        return encoded

    def _ids(self, messages: Sequence[Message], encoding: Encoding, limit: int) -> list[int]:
        for message in messages:
            if found := self.template.special.search(message.content):
                raise StepError("special token in text", hint=found[0])
        ids: list[int] = encoding.ids
        if len(ids) > limit:
            raise StepError("too long", hint=f"{len(ids)} tokens, at most {limit} are allowed")
        return ids

    def _by_text(
        self, row: TrainingRow, messages: Sequence[Message], text: str, encoding: Encoding | None
    ) -> list[int]:
        turns = self.template.turns(text, messages, row.thinking)
        known = encoding or self._backend.encode(text, add_special_tokens=False)
        return self._labelling.by_text(row.loss, messages, text, turns, known)

    def _texts(
        self, rows: Sequence[TrainingRow], conversations: Sequence[Sequence[Message]]
    ) -> list[str | StepError]:
        """Every row as text, rendered together with those that think alike."""
        texts: list[str | StepError] = [""] * len(rows)
        for thinking in dict.fromkeys(row.thinking for row in rows):
            places = [place for place, row in enumerate(rows) if row.thinking == thinking]
            chosen = [conversations[place] for place in places]
            for place, text in zip(places, self.template.render_all(chosen, thinking), strict=True):
                texts[place] = text
        return texts


def special_ids(tokenizer: PreTrainedTokenizerBase) -> set[int]:
    """The ids of all special tokens, those of roles and turns included."""
    added = tokenizer.added_tokens_decoder.items()
    return {*tokenizer.all_special_ids, *(place for place, token in added if token.special)}


def _stripped(messages: Sequence[Message]) -> tuple[Message, ...]:
    """Without white space at the edges: some templates trim it, and training and asking must
    agree."""
    stripped = [message.content.strip() for message in messages]
    return tuple(
        message if message.content == content else Message(message.role, content)
        for message, content in zip(messages, stripped, strict=True)
    )
