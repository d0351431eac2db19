"""A few rows, and one thread: the student is so small that two are slower."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch

from closedbook.records import Message, TrainingRow
from closedbook.store.rows import write_rows
from closedbook.students import ask_messages


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def facts(tmp_path: Path) -> Callable[[int], Path]:
    """Writes so many rows about shops of different lengths; returns their file."""

    def written(count: int) -> Path:
        rows = []
        for number in range(count):
            asked = ask_messages(f"Who runs shop {number}{' in town' * (number % 5)}?")
            rows.append(TrainingRow("qa", (*asked, Message("assistant", f"Owner {number * 7}"))))
        write_rows(tmp_path / f"rows-{count}.jsonl", rows)
        return tmp_path / f"rows-{count}.jsonl"

    return written
