"""How fast a large mixture is made and how much memory it takes.

Writes documents, pairs with thinking, study texts and general rows, mixes them by the recipe
`published` for the rehearsal student, and lets the tokenizer alone encode the same rows beside it;
each in a process of its own, one thread. Prints time, peak memory and the ratio of the two speeds.

    python benchmarks/mixing.py --rows 100000
    python benchmarks/mixing.py --rows 1000000 --length 0.1    # short rows, for the memory
"""

from __future__ import annotations

import argparse
import os
import random
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from closedbook.config import Mix
from closedbook.events import silent
from closedbook.mixing import Ingredients, load_recipe, mix
from closedbook.models.profiles import load_profile
from closedbook.records import Document, QAPair, StudyText, TrainingRow
from closedbook.store import read_rows, write_rows
from closedbook.students import REHEARSAL_STUDENT
from closedbook.students.rendering import ChatTemplate
from closedbook.students.student import load_tokenizer

WORDS = (
    "the a of in to and was were by at town lake mill house road keeper market letter winter year"
    " stone river bridge harbour school garden first second old new long small great found built"
    " opened closed sold wrote carried kept moved made named told asked called left brought"
)
PER_DOCUMENT = 50
SETTINGS = Mix(recipe="published", tokens=None)
TOGETHER = 512
VOCABULARY = re.findall(r"\w+", WORDS)


@dataclass(frozen=True)
class Writer:
    """Sentences of random words; `length` makes all of them longer or shorter."""

    generator: random.Random
    length: float

    def __call__(self, words: int) -> str:
        number = max(2, round(words * self.length))
        return " ".join(self.generator.choices(VOCABULARY, k=number)).capitalize() + "."


def documents(count: int, text: Writer) -> Iterator[Document]:
    for number in range(count):
        title = f"Town {number}"
        yield Document.make(title=title, text=text(120), source=f"{number}.md")


def pairs(count: int, ids: list[str], text: Writer) -> Iterator[QAPair]:
    for number in range(count):
        yield QAPair(
            document_id=ids[number // PER_DOCUMENT],
            flow="reasoning-qa",
            question=f"Question {number}: {text(12)}",
            answer=text(30),
            reasoning=text(40),
        )


def general(count: int, text: Writer) -> Iterator[dict[str, object]]:
    for number in range(count):
        asked = {"role": "user", "content": f"{number} {text(15)}"}
        yield {"messages": [asked, {"role": "assistant", "content": text(60)}]}


def write_material(folder: Path, rows: int, length: float) -> None:
    """So much that `published` makes about `rows` rows of it: half general ones."""
    text = Writer(random.Random(0), length)
    count = rows // 4
    made = list(documents(count // PER_DOCUMENT + 1, text))
    write_rows(folder / "documents.jsonl", made)
    write_rows(folder / "pairs.jsonl", pairs(count, [document.id for document in made], text))
    told = (
        StudyText(document_id=d.id, flow="study", title=d.title, text=d.text[:200]) for d in made
    )
    write_rows(folder / "study.jsonl", told)
    write_rows(folder / "replay.jsonl", general(rows // 2 + rows // 10, text))


def mix_it(folder: Path) -> int:
    ingredients = Ingredients(
        recipe=load_recipe(SETTINGS, "customised", folder, ("reasoning-qa", "study")),
        documents=folder / "documents.jsonl",
        knowledge=folder,
        replay=folder / "replay.jsonl",
        student=REHEARSAL_STUDENT,
        profile=load_profile("nemotron-v1", folder),
        max_length=2048,
        passage_characters=1024,
    )
    return int(mix(ingredients, SETTINGS, folder / "out", silent)["tokens"])


def encode_it(folder: Path) -> int:
    """The tokenizer's own speed: the rendered rows to ids, nothing kept. Rendering is not timed."""
    tokenizer = load_tokenizer(REHEARSAL_STUDENT)
    template = ChatTemplate(tokenizer)
    backend = tokenizer.backend_tokenizer
    tokens, seconds = 0, 0.0
    waiting: list[str] = []

    def count() -> None:
        nonlocal tokens, seconds
        started = time.process_time()
        encodings = backend.encode_batch(waiting, add_special_tokens=False)
        tokens += sum(len(encoding.ids) for encoding in encodings)
        seconds += time.process_time() - started
        waiting.clear()

    for row in read_rows(folder / "out" / "rows.jsonl", TrainingRow):
        waiting.append(template.render(row.messages, row.thinking))
        if len(waiting) == TOGETHER:
            count()
    count()
    print(seconds)
    return tokens


def measured(part: str, folder: Path) -> list[float]:
    """Tokens, wall seconds, CPU seconds and peak MB of a part in a process of its own."""
    one_thread = {"RAYON_NUM_THREADS": "1", "POLARS_MAX_THREADS": "1", "OMP_NUM_THREADS": "1"}
    command = [sys.executable, __file__, "--part", part, "--folder", str(folder)]
    done = subprocess.run(
        command, env={**os.environ, **one_thread}, capture_output=True, text=True, check=True
    )
    return [float(number) for number in done.stdout.split()]


def run_part(part: str, folder: Path) -> None:
    load_tokenizer(REHEARSAL_STUDENT)  # What loading transformers takes is not measured.
    started, used = time.monotonic(), time.process_time()
    tokens = (mix_it if part == "mix" else encode_it)(folder)
    wall, cpu = time.monotonic() - started, time.process_time() - used
    print(tokens, wall, cpu, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--length", type=float, default=1.0, help="of all texts")
    parser.add_argument("--part", choices=["mix", "encode"])
    parser.add_argument("--folder", type=Path)
    given = parser.parse_args()
    if given.part:
        run_part(given.part, given.folder)
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_material(folder, given.rows, given.length)
        tokens, wall, cpu, peak = measured("mix", folder)
        alone, *_ = measured("encode", folder)
        with (folder / "out" / "rows.jsonl").open("rb") as lines:
            rows = sum(1 for _ in lines)
        written = sum(f.stat().st_size for f in (folder / "out").rglob("*") if f.is_file())
    print(
        f"{rows:,} rows, {tokens:,.0f} tokens: {wall:.0f} s, {cpu:.0f} CPU s, {peak:,.0f} MB peak"
    )
    print(f"{written / 2**20:,.0f} MB written, {tokens / cpu:,.0f} tokens per CPU s")
    print(f"the tokenizer alone: {alone:.0f} CPU s; mixing has {alone / cpu:.2f} x its speed")


if __name__ == "__main__":
    main()
