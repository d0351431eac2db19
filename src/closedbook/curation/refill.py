"""More pairs for documents that kept too few: they are asked about again, and sorted as before.

Knows a callable that generates, not what it asks. A round has its own folder and, in what is asked,
its own sample numbers, so that running again after a crash repeats no paid request and ends with
the same bytes. A document that a round gave nothing new is not asked about further.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from closedbook.config import Curate
from closedbook.curation.known import Known
from closedbook.curation.sieve import Sieve
from closedbook.events import Counts, Emit
from closedbook.records import QAPair
from closedbook.store import read_rows, write_rows

Again = Callable[[Path, int, Path, Emit], Counts]
"""Asks once more about the documents of a file, in a round of this number (from 1), and leaves
pairs.jsonl in a folder; returns what it counted."""


@dataclass(frozen=True, slots=True)
class Refill:
    """The kept pairs so far are in `pairs`; rounds lie beside that file."""

    again: Again
    sieve: Sieve
    known: Mapping[str, Known]
    pairs: Path

    def run(self, settings: Curate, emit: Emit) -> Counts:
        """Ask until every document has `settings.refill` pairs or no round is left."""
        counts: Counter[str] = Counter()
        target = settings.refill or 0
        below = [identity for identity, one in self.known.items() if one.pairs < target]
        kept = self._kept_of(set(below))
        for number in range(1, settings.refill_rounds + 1):
            if not below:
                break
            counts.update(self._ask(below, number, emit))
            gained = set(self._sort(number, kept))
            below = [i for i in below if i in gained and self.known[i].pairs < target]
        if any(one.refilled for one in self.known.values()):
            write_rows(self.pairs, self._all())
        return counts

    def _ask(self, below: list[str], number: int, emit: Emit) -> dict[str, int]:
        folder = self._folder(number)
        file = folder / "documents.jsonl"
        write_rows(file, (self.known[identity].document for identity in below))
        told = self.again(file, number, folder, emit)
        named = ("asks", "from_journal", "prompt_tokens", "completion_tokens", "to_retry")
        return {name: int(told[name]) for name in named if name in told}

    def _sort(self, number: int, kept: dict[str, list[QAPair]]) -> Iterator[str]:
        """The documents that a round gave anything new."""
        made = read_rows(self._folder(number) / "pairs.jsonl", QAPair)
        for identity, pairs in groupby(made, key=lambda pair: pair.document_id):
            self.sieve.begin(kept[identity])
            new = [*self.known[identity].touched(filter(self.sieve.keeps, pairs))]
            self.known[identity].refilled += new
            kept[identity] += new
            if new:
                yield identity

    def _folder(self, number: int) -> Path:
        return self.pairs.parent / f"refill-{number}"

    def _kept_of(self, wanted: set[str]) -> dict[str, list[QAPair]]:
        kept: dict[str, list[QAPair]] = {identity: [] for identity in wanted}
        for pair in read_rows(self.pairs, QAPair) if wanted else ():
            if pair.document_id in wanted:
                kept[pair.document_id].append(pair)
        return kept

    def _all(self) -> Iterator[QAPair]:
        """Every kept pair, document by document, the first ones first."""
        written = set()
        first = read_rows(self.pairs, QAPair)
        for identity, pairs in groupby(first, key=lambda pair: pair.document_id):
            yield from pairs
            yield from self.known[identity].refilled
            written.add(identity)
        for identity, one in self.known.items():
            if identity not in written:
                yield from one.refilled
