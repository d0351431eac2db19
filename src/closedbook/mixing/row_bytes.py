"""One encoded row as bytes, and back: the line of rows.jsonl, the token ids, the labels."""

from __future__ import annotations

import struct
from array import array

import orjson

from closedbook.records import TrainingRow
from closedbook.students.encode import Encoded

_SIZES = struct.Struct("<II")
WIDTH = 4
"""Bytes of a token id."""
Parts = tuple[bytes, int, memoryview, memoryview]
"""The line, how many tokens are learned, and the bytes of ids and labels."""


def to_bytes(row: TrainingRow, encoded: Encoded) -> tuple[bytes, bytes]:
    """The bytes, and the line within them."""
    line = orjson.dumps(
        {
            "source": row.source,
            "messages": row.messages,
            "loss": row.loss,
            "document_id": row.document_id,
            "thinking": row.thinking,
            # The instructlab trainer knows no policy "all".
            "unmask": row.loss != "assistant",
        },
        option=orjson.OPT_APPEND_NEWLINE,
    )
    numbers = array("i", encoded.ids).tobytes() + array("i", encoded.labels).tobytes()
    return _SIZES.pack(len(line), encoded.loss_tokens) + line + numbers, line


def from_bytes(content: bytes) -> Parts:
    length, loss_tokens = _SIZES.unpack_from(content)
    rest = memoryview(content)[_SIZES.size :]
    numbers = rest[length:]
    half = len(numbers) // 2
    return bytes(rest[:length]), loss_tokens, numbers[:half], numbers[half:]
