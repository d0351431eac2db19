"""A project folder whose teacher is a server of ours, and `closedbook run` on it."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from benchmarks.asking.flow import lay_out, text_of

from closedbook.store.accounts import Totals, journal_of, overall

OUTPUTS = ("pairs.jsonl", "study.jsonl", "rejections.jsonl", "retry.jsonl", "steps.json")


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended: its exit code, seconds, and what it said of stopping."""

    code: int
    seconds: float
    words: str


@dataclass(frozen=True, slots=True)
class Folder:
    """A project that asks the flow `judged` about so many documents."""

    root: Path

    @classmethod
    def made(cls, root: Path, urls: str | Sequence[str], count: int, **teacher: Any) -> Folder:
        """`teacher` are keys of the teacher's section."""
        lay_out(root)
        settings = {"kind": "endpoint", "base_url": urls, "model": "rehearsal", **teacher}
        config = {
            "documents": "documents",
            "teacher": settings,
            "student": {"kind": "rehearsal"},
            "generate": {"flows": ["judged"]},
        }
        (root / "closedbook.yaml").write_text(yaml.safe_dump(config))
        folder = cls(root)
        (root / "documents").mkdir()
        for number in range(count):
            folder.add(number)
        return folder

    def add(self, number: int) -> None:
        (self.root / "documents" / f"{number:06}.txt").write_text(text_of(number))

    def begin(self, *words: str) -> subprocess.Popen[str]:
        """`closedbook run generate`, begun."""
        return subprocess.Popen(
            [
                sys.executable,
                "-c",
                "from closedbook.cli.main import app; app()",
                *("run", "generate", "--project", str(self.root), *words),
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, *words: str) -> Ended:
        began = time.monotonic()
        return ended(self.begin(*words), began)

    @property
    def manifest(self) -> Path:
        return self.root / "out" / "generate" / "manifest.json"

    @property
    def finished_at(self) -> int:
        """When the stage was completed, in nanoseconds; 0 if it is not complete."""
        return self.manifest.stat().st_mtime_ns if self.manifest.exists() else 0

    def outputs(self) -> dict[str, bytes]:
        """What the stage left, times apart; nothing if it is not complete."""
        if not self.finished_at:
            return {}
        out = self.manifest.parent
        return {name: (out / name).read_bytes() for name in OUTPUTS if (out / name).exists()}

    def counts(self) -> dict[str, int]:
        counts: dict[str, int] = json.loads(self.manifest.read_text())["counts"]
        return counts

    def account(self) -> Totals:
        return overall(journal_of(self.root))


def same_outputs(one: Folder, other: Folder) -> str:
    """Whether the stage left the same, in words."""
    ours, theirs = one.outputs(), other.outputs()
    if not ours or not theirs:
        return "NOT COMPLETE"
    differ = [name for name in OUTPUTS if ours.get(name) != theirs.get(name)]
    return f"NOT THE SAME ({', '.join(differ)})" if differ else "byte-identical"


def ended(process: subprocess.Popen[str], began: float) -> Ended:
    """The process at its end."""
    words, _ = process.communicate()
    said = " ".join(words.split())
    return Ended(process.returncode, time.monotonic() - began, said[said.find("stopped:") :])
