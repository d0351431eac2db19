"""What examining costs, beside the least that it could: `python -m benchmarks.examining`.

    local     options scored by log-likelihood, against a bare batched loop over the same pairs
    retrieve  hybrid search of 4,609 questions over 10,000 passages (needs the extra `rag`)

Ours and the bare loop take turns, so that what else the machine does hits both; the ratio is of
their medians.
"""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional

from closedbook.config import Evaluate
from closedbook.evaluation import LocalExaminee
from closedbook.evaluation.asking import Ask, Prompt
from closedbook.records import Document, Passage, Question
from closedbook.rehearsal import make_world
from closedbook.retrieval.hybrid import HybridIndex
from closedbook.store.said import SaidBefore
from closedbook.students import REHEARSAL_STUDENT, ask_messages
from closedbook.students.answering import prompt_text, text_ids
from closedbook.students.student import Student

QUESTIONS, PASSAGES, WIDTH, READ = 4609, 10_000, 384, 128
ROUNDS = 3
BATCH = 64


def measure_local() -> None:
    """Seconds of CPU for the 320 questions of a world, ours with its journal of answers."""
    settings = Evaluate(answering="text", answer_tokens=0)
    examinee = LocalExaminee.load(REHEARSAL_STUDENT, settings)
    exam = make_world(11).exam
    ours, bare = [], []
    for number in range(ROUNDS):
        with tempfile.TemporaryDirectory() as folder:
            before = SaidBefore(Path(folder) / f"{number}.sqlite")
            kept = LocalExaminee(examinee.student, settings, "benchmark", before)
            ours.append(_cpu(partial(_sit, kept, exam)))
        bare.append(_cpu(lambda: _bare(examinee.student, exam)))
    ratio = statistics.median(bare) / statistics.median(ours)
    print(
        f"local: {len(exam)} questions, {4 * len(exam)} options; CPU seconds, medians of {ROUNDS}"
    )
    print(f"  ours {statistics.median(ours):.2f}   bare loop {statistics.median(bare):.2f}")
    print(f"  speed against the bare loop: {ratio:.2f} (at least 0.8)")


def _sit(examinee: LocalExaminee, exam: Sequence[Question]) -> None:
    asks = (
        Ask(n, "exam", "closed_book", Prompt(q, ask_messages(q.question), q.options))
        for n, q in enumerate(exam)
    )
    examinee.answer(asks, lambda _ask, _said: None)


@torch.inference_mode()
def _bare(student: Student, exam: Sequence[Question]) -> list[float]:
    """Every pair of prompt and option in one row, sorted by length, padded, 64 at a time."""
    rows: list[tuple[list[int], list[int]]] = []
    for question in exam:
        prompt = text_ids(student, prompt_text(student, ask_messages(question.question)))
        rows += [(prompt, text_ids(student, option)) for option in question.options]
    rows.sort(key=lambda row: len(row[0]) + len(row[1]))
    scores: list[float] = []
    for start in range(0, len(rows), BATCH):
        batch = rows[start : start + BATCH]
        longest = max(len(prompt) + len(option) for prompt, option in batch)
        ids = torch.zeros(len(batch), longest, dtype=torch.long)
        labels = torch.full((len(batch), longest), -100)
        for place, (asked, answer) in enumerate(batch):
            end = len(asked) + len(answer)
            ids[place, :end] = torch.tensor(asked + answer)
            labels[place, len(asked) : end] = torch.tensor(answer)
        logits = student.model(input_ids=ids).logits[:, :-1].transpose(1, 2)
        losses = functional.cross_entropy(logits, labels[:, 1:], reduction="none")
        scores += (-losses.sum(dim=1)).tolist()
    return scores


def measure_retrieve() -> None:
    """Wall seconds from passages and vectors to the 128 best of every question."""
    random.seed(0)
    words = [f"word{n}" for n in range(20_000)]
    texts = [" ".join(random.choices(words, k=150)) for _ in range(PASSAGES)]
    passages = [
        Passage.make(Document.make(title=f"T{n}", text=text, source="s"), 0, len(text))
        for n, text in enumerate(texts)
    ]
    queries = [" ".join(random.choices(words, k=25)) for _ in range(QUESTIONS)]
    vectors = np.random.default_rng(0).standard_normal((PASSAGES, WIDTH)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    wanted = vectors[np.arange(QUESTIONS) % PASSAGES]
    started = time.monotonic()
    index = HybridIndex(passages, vectors)
    made = time.monotonic() - started
    found = index.search(queries, wanted, READ)
    seconds = time.monotonic() - started
    print(f"retrieve: {len(found)} questions over {PASSAGES} passages, {READ} each")
    print(f"  {seconds:.1f} s, of which the index {made:.1f} s (at most 180 s)")


def _cpu(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


def main() -> None:
    """Print the figure that is asked for, or both."""
    figures = {"local": measure_local, "retrieve": measure_retrieve}
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("figure", nargs="?", choices=figures)
    named = parser.parse_args().figure
    for figure in [named] if named else figures:
        figures[figure]()


if __name__ == "__main__":
    main()
