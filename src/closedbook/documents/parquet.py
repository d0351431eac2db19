"""Parquet: one document per row, read in batches of the columns that matter."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import polars as pl

from closedbook.documents.drafts import Draft, UnreadableError
from closedbook.documents.rows import DOMAIN_COLUMNS, TEXT_COLUMNS, TITLE_COLUMNS, draft_of_row

_BATCH = 1000


def read_parquet(path: Path) -> Iterator[Draft | UnreadableError]:
    """A document for every row with a text."""
    number = 0
    try:
        # The path as a list: a name with `*` or `[` in it is no pattern.
        table = pl.scan_parquet([path], glob=False)
        wanted = _columns(table.collect_schema().names())
        for batch in table.select(wanted).collect_batches(chunk_size=_BATCH, maintain_order=True):
            for row in batch.iter_rows(named=True):
                number += 1
                yield draft_of_row(row, number)
    except pl.exceptions.PolarsError as error:
        problem = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise UnreadableError(
            "broken file",
            f"row {number + 1}: {problem}" if number else problem,
            hint="write it again, or take it out of the folder",
        ) from error


def _columns(names: list[str]) -> list[str]:
    if not any(name in TEXT_COLUMNS for name in names):
        raise UnreadableError(
            "no text",
            f"its columns are: {', '.join(names)}",
            hint=f"name the column with the text one of {', '.join(TEXT_COLUMNS)}",
        )
    return [name for name in names if name in TEXT_COLUMNS + TITLE_COLUMNS + DOMAIN_COLUMNS]
