"""A mixture on disk, in two forms with the same rows in the same order.

`rows.jsonl` holds conversations that need nothing of us: `messages`, and `unmask` as the
instructlab trainer reads it. `encoded/*.parquet` adds token ids and labels, exactly what training
sees; its files are one table, in the order of their names.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import Any

import orjson

from closedbook.records import TrainingRow
from closedbook.store.rows import write_atomically, written_atomically
from closedbook.students.encode import Encoded

ENCODED = "encoded"
ROWS_PER_FILE = 20_000
Drawn = tuple[TrainingRow, Encoded]


def write_mixture(rows: Iterable[Drawn], out: Path) -> int:
    """Write both forms into `out`; returns how many rows there were."""
    count = 0
    with written_atomically(out / "rows.jsonl") as file:
        for number, part in enumerate(_parts(rows)):
            for row, _ in part:
                file.write(orjson.dumps(_readable(row), option=orjson.OPT_APPEND_NEWLINE))
            write_atomically(out / ENCODED / f"{number:05}.parquet", _table(part))
            count += len(part)
    return count


def _parts(rows: Iterable[Drawn]) -> Iterator[list[Drawn]]:
    rest = iter(rows)
    while part := list(islice(rest, ROWS_PER_FILE)):
        yield part


def _readable(row: TrainingRow) -> dict[str, Any]:
    """As the instructlab trainer reads it; it knows no policy "all"."""
    return {**asdict(row), "unmask": row.loss != "assistant"}


def _table(part: list[Drawn]) -> bytes:
    import polars as pl

    rows, encoded = zip(*part, strict=True)
    ids = pl.List(pl.Int32)
    table = pl.DataFrame(
        {
            "source": [row.source for row in rows],
            "document_id": [row.document_id for row in rows],
            "loss": [row.loss for row in rows],
            "thinking": pl.Series([row.thinking for row in rows], dtype=pl.Boolean),
            "unmask": [row.loss != "assistant" for row in rows],
            "messages": [[asdict(message) for message in row.messages] for row in rows],
            "input_ids": pl.Series([one.ids for one in encoded], dtype=ids),
            "labels": pl.Series([one.labels for one in encoded], dtype=ids),
            "len": [len(one.ids) for one in encoded],
            "num_loss_counted_tokens": [one.loss_tokens for one in encoded],
        }
    )
    content = io.BytesIO()
    table.write_parquet(content, compression="zstd")
    return content.getvalue()
