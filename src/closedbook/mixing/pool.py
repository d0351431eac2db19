"""The encoded rows of one source, in the order in which they were drawn, kept on disk.

Knows the student's tokenizer, not what other sources give. Within a pass no row occurs twice; a
source that repeats starts another pass when it is used up.
"""

from __future__ import annotations

import random
from array import array
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import islice
from typing import TYPE_CHECKING

from closedbook.config import MixSource
from closedbook.errors import StepError
from closedbook.mixing.row_bytes import to_bytes
from closedbook.mixing.sources import Pass
from closedbook.records import Rejection, TrainingRow
from closedbook.store.numbered import Pile
from closedbook.students.encode import Encoded, encode_batch

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

TOGETHER = 512
"""Rows that are encoded at a time."""
Refuse = Callable[[Rejection], None]


@dataclass(frozen=True, slots=True)
class Encoding:
    """For whom rows are encoded, where they are put, and who is told of those that cannot be."""

    tokenizer: PreTrainedTokenizerBase
    max_length: int
    pile: Pile
    refuse: Refuse

    def of(self, rows: Sequence[TrainingRow | StepError]) -> list[Encoded | StepError]:
        """Each row encoded, or why it is not."""
        usable = [row for row in rows if isinstance(row, TrainingRow)]
        encoded = iter(encode_batch(self.tokenizer, usable, self.max_length))
        return [row if isinstance(row, StepError) else next(encoded) for row in rows]


@dataclass(slots=True)
class Pool:
    """Row i has the number `numbers[i]` in the pile; `tokens` and `loss_tokens` are running sums,
    that of the first i rows at i."""

    source: MixSource
    numbers: array[int] = field(default_factory=lambda: array("q"))
    tokens: array[int] = field(default_factory=lambda: array("q", [0]))
    loss_tokens: array[int] = field(default_factory=lambda: array("q", [0]))
    digests: array[int] = field(default_factory=lambda: array("Q"))
    passes: list[int] = field(default_factory=list)
    """How many rows there were at the end of each pass."""
    refused: Counter[str] = field(default_factory=Counter)

    def __len__(self) -> int:
        return len(self.numbers)

    @property
    def used_up(self) -> bool:
        """Whether all that it has is in it."""
        return bool(self.passes) and not self.source.repeat

    def fill(
        self, one_pass: Pass, encoding: Encoding, generator: random.Random, until: Until
    ) -> None:
        """Draw rows until there are enough, or no more."""
        while not until(self):
            before = len(self.numbers)
            self._pass(one_pass(generator), encoding, until)
            if until(self) or not self.source.repeat or len(self.numbers) == before:
                return

    def _pass(
        self, rows: Iterator[TrainingRow | StepError], encoding: Encoding, until: Until
    ) -> None:
        of_document: Counter[str] = Counter()
        cap = self.source.per_document
        while part := list(islice(rows, TOGETHER)):
            for row, encoded in zip(part, encoding.of(part), strict=True):
                if isinstance(row, StepError) or isinstance(encoded, StepError):
                    self._refuse(row, encoded, encoding)
                elif cap is None or not row.document_id or of_document[row.document_id] < cap:
                    of_document[row.document_id] += 1
                    self._take(row, encoded, encoding.pile)
                if until(self):
                    return
        self.passes.append(len(self.numbers))

    def _take(self, row: TrainingRow, encoded: Encoded, pile: Pile) -> None:
        content, line = to_bytes(row, encoded)
        self.numbers.append(pile.put(content))
        self.tokens.append(self.tokens[-1] + len(encoded.ids))
        self.loss_tokens.append(self.loss_tokens[-1] + encoded.loss_tokens)
        self.digests.append(int.from_bytes(blake2b(line, digest_size=8).digest()))

    def _refuse(
        self, row: TrainingRow | StepError, encoded: Encoded | StepError, encoding: Encoding
    ) -> None:
        """Once, however many passes there are."""
        if self.passes or not isinstance(encoded, StepError):
            return
        self.refused[encoded.message] += 1
        subject, text = self.source.name, ""
        if isinstance(row, TrainingRow):
            subject = row.document_id or subject
            text = "\n\n".join(turn.content for turn in row.messages)
        rejection = Rejection("mix", self.source.name, encoded.message, subject, encoded.hint, text)
        encoding.refuse(rejection)


Until = Callable[[Pool], bool]
