"""Peak memory at 1,000 and at 100,000 documents of one kilobyte, each asked about twice, with the
stand-in teacher in the same process."""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.asking.flow import in_a_process, measured

from closedbook.models.rehearsal import RehearsalTeacher
from closedbook.records import Document
from closedbook.store import write_rows

FEW = 1000
FACTS = (
    "Town{n} is a town in Ardland. It was founded in {year} by Mila Torn. Its mayor is Jon Reef."
    " The town is known for its bells. "
)
FILLER = "The valley around it was quiet then and is quiet now. "
FLOW = """\
flow: twice
makes: study
steps:
  - ask: {prompt: study, samples: 2, parse: {tags: [text]}}
"""


def memory(arguments: argparse.Namespace) -> None:
    peaks = []
    for count in (FEW, arguments.documents):
        with tempfile.TemporaryDirectory() as folder:
            found = in_a_process(rehearsed, count, folder)
        peaks.append(found["peak_mb"])
        print(
            f"{count:,} documents: {found['asks']:,.0f} asks, {found['study']:,.0f} texts,"
            f" peak {found['peak_mb']:.0f} MB, {found['wall']:.0f} s,"
            f" {count / found['wall']:.0f} documents a second",
            flush=True,
        )
    print(f"difference {peaks[1] - peaks[0]:.0f} MB (at most 400)")


def rehearsed(count: int, folder: str) -> dict[str, float]:
    root = Path(folder)
    (root / "flows").mkdir()
    (root / "flows" / "twice.yaml").write_text(FLOW)
    write_rows(root / "documents.jsonl", _documents(count))
    return measured(RehearsalTeacher(), "twice", root)


def _documents(count: int) -> Iterator[Document]:
    for n in range(count):
        text = FACTS.format(n=n, year=1000 + n % 900) + FILLER * 20
        yield Document.make(title=f"Town{n}", text=text[:1000], source=f"{n}.md")
