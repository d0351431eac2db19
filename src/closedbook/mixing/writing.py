"""A mixture on disk, in two forms with the same rows in the same order.

`rows.jsonl` holds conversations that need nothing of us: `messages`, and `unmask` as the
instructlab trainer reads it. `encoded/*.parquet` adds token ids and labels, exactly what training
sees; its files are one table, in the order of their names.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from closedbook.mixing.row_bytes import WIDTH, Parts, from_bytes
from closedbook.store.rows import write_atomically, written_atomically

ENCODED = "encoded"
ROWS_PER_FILE = 20_000


def write_mixture(rows: Iterable[bytes], out: Path) -> None:
    """Write rows, as bytes, in both forms into the folder `out`."""
    with written_atomically(out / "rows.jsonl") as file:
        for number, part in enumerate(_parts(map(from_bytes, rows))):
            file.writelines(row[0] for row in part)
            write_atomically(out / ENCODED / f"{number:05}.parquet", _table(part))


def _parts(rows: Iterable[Parts]) -> Iterator[list[Parts]]:
    rest = iter(rows)
    while part := list(islice(rest, ROWS_PER_FILE)):
        yield part


def _table(part: list[Parts]) -> bytes:
    import numpy as np
    import polars as pl

    lines, loss_tokens, ids, labels = zip(*part, strict=True)
    lengths = [len(one) // WIDTH for one in ids]
    columns = {"input_ids": b"".join(ids), "labels": b"".join(labels)}
    # A Series of so many arrays takes ten times as long.
    tokens = pl.DataFrame(
        {"row": np.repeat(np.arange(len(part)), lengths)}
        | {name: np.frombuffer(content, np.int32) for name, content in columns.items()}
    )
    lists = tokens.set_sorted("row").group_by("row", maintain_order=True).agg(*columns)
    schema = pl.Schema(
        {
            "source": pl.String(),
            "document_id": pl.String(),
            "loss": pl.String(),
            "thinking": pl.Boolean(),
            "unmask": pl.Boolean(),
            "messages": pl.List(pl.Struct({"role": pl.String, "content": pl.String})),
        }
    )
    table = pl.read_ndjson(io.BytesIO(b"".join(lines)), schema=schema).with_columns(
        *(lists[name] for name in columns),
        pl.Series("len", lengths),
        pl.Series("num_loss_counted_tokens", loss_tokens),
    )
    content = io.BytesIO()
    table.write_parquet(content, compression="zstd")
    return content.getvalue()
