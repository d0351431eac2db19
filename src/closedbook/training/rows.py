"""The rows of a training run as token ids and labels, from disk into two flat arrays.

Rows that `mix` has encoded (a folder of Parquet files) are taken as they are; a file of
TrainingRows is encoded here. Knows no model. A row takes 8 bytes a token, whatever its length.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from closedbook.errors import InputError, StepError
from closedbook.records import Rejection, TrainingRow
from closedbook.store.rows import read_rows
from closedbook.students.encode import Encoded, encode_batch
from closedbook.students.labelling import IGNORED

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

BATCH = 1000
Array = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class EncodedRows:
    """Row i is `ids[bounds[i] : bounds[i + 1]]`, and its `labels` alike."""

    ids: Array
    labels: Array
    bounds: NDArray[np.int64]
    lengths: list[int] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "lengths", np.diff(self.bounds).tolist())

    @classmethod
    def of(cls, rows: Iterable[Encoded]) -> EncodedRows:
        """The rows, copied."""
        ids: list[Array] = [np.zeros(0, np.int32)]
        labels = list(ids)
        for row in rows:
            ids.append(np.asarray(row.ids, np.int32))
            labels.append(np.asarray(row.labels, np.int32))
        return cls(np.concatenate(ids), np.concatenate(labels), _bounds([len(i) for i in ids[1:]]))

    def __len__(self) -> int:
        return len(self.bounds) - 1

    def __iter__(self) -> Iterator[Encoded]:
        return (self[place] for place in range(len(self)))

    def __getitem__(self, place: int) -> Encoded:
        start, end = self.bounds[place], self.bounds[place + 1]
        return Encoded(self.ids[start:end].tolist(), self.labels[start:end].tolist())

    @property
    def loss_tokens(self) -> int:
        firsts = self.labels[self.bounds[:-1]] != IGNORED
        return int(np.count_nonzero(self.labels != IGNORED) - np.count_nonzero(firsts))

    @property
    def digest(self) -> str:
        """Equal only for the same rows in the same order."""
        state = hashlib.blake2b(digest_size=16)
        for part in (self.ids, self.labels, self.bounds):
            state.update(np.ascontiguousarray(part).data)
        return state.hexdigest()


def load_rows(
    path: Path, tokenizer: PreTrainedTokenizerBase, max_length: int
) -> tuple[EncodedRows, list[Rejection]]:
    """All rows of a folder of encoded ones, or of a file of TrainingRows, with those that cannot
    be encoded. Raises InputError where the folder's files are no encoded rows."""
    if path.is_dir():
        return _read_encoded(path), []
    rejections: list[Rejection] = []
    rows = EncodedRows.of(_encoded(tokenizer, read_rows(path, TrainingRow), max_length, rejections))
    return rows, rejections


def _read_encoded(folder: Path) -> EncodedRows:
    import polars as pl

    ids: list[Array] = [np.zeros(0, np.int32)]
    labels, lengths = list(ids), []
    for file in sorted(folder.glob("*.parquet")):
        try:
            table = pl.read_parquet(file, columns=["input_ids", "labels"])
        except (pl.exceptions.PolarsError, OSError) as error:
            hint = "run the mix stage again"
            raise InputError(f"{file} holds no encoded rows: {error}", hint=hint) from error
        ids.append(table["input_ids"].explode().to_numpy())
        labels.append(table["labels"].explode().to_numpy())
        lengths += table["input_ids"].list.len().to_list()
    return EncodedRows(np.concatenate(ids), np.concatenate(labels), _bounds(lengths))


def _bounds(lengths: Sequence[int]) -> NDArray[np.int64]:
    return np.cumsum([0, *lengths], dtype=np.int64)


def _encoded(
    tokenizer: PreTrainedTokenizerBase,
    rows: Iterable[TrainingRow],
    max_length: int,
    rejections: list[Rejection],
) -> Iterator[Encoded]:
    """The rows that can be encoded; the others go to `rejections` with a reason."""
    rest = iter(rows)
    while batch := list(islice(rest, BATCH)):
        for row, result in zip(batch, encode_batch(tokenizer, batch, max_length), strict=True):
            if isinstance(result, StepError):
                text = "\n\n".join(message.content for message in row.messages)
                subject = row.document_id or row.source
                rejections.append(
                    Rejection("train", "encode", result.message, subject, result.hint, text)
                )
            else:
                yield result
