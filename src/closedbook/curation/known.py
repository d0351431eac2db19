"""What curation knows of one document: how many rows it kept, and which sentences they touch."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from closedbook.curation.coverage import Coverage, sentences
from closedbook.records import Document, QAPair


@dataclass(slots=True)
class Known:
    """`times[i]` says how many pairs touch sentence i, `quoted[i]` how many of them by evidence;
    both are empty as long as none does."""

    document: Document
    pairs: int = 0
    study: int = 0
    refilled: list[QAPair] = field(default_factory=list)
    times: list[int] = field(default_factory=list)
    quoted: list[int] = field(default_factory=list)

    def touched(self, pairs: Iterable[QAPair]) -> Iterator[QAPair]:
        """The pairs as they are, counted as they pass."""
        coverage = Coverage(self.document.text, self.times, self.quoted)
        for pair in pairs:
            coverage.touch(pair)
            self.pairs += 1
            yield pair
        self.times, self.quoted = coverage.times, coverage.quoted

    def row(self, target: int) -> dict[str, object]:
        """Its line in coverage.jsonl."""
        told = sentences(self.document.text)
        times = self.times or [0] * len(told)
        return {
            "document": self.document.title,
            "source": self.document.source,
            "pairs": self.pairs,
            "refilled": len(self.refilled),
            "study": self.study,
            "below_target": self.pairs < target,
            "sentences": len(told),
            "touched": sum(time > 0 for time in times),
            "quoted": sum(time > 0 for time in self.quoted),
            "times": times,
            "untouched": [sentence for sentence, n in zip(told, times, strict=True) if not n],
        }
