"""What training costs beside what it cannot do without (`make training`).

    python benchmarks/training.py [speed] [padding] [encode]

    speed    tokens per CPU second of our loop, and of a bare torch loop over the same batches
    padding  share of computed tokens that are padding, in steps of 256 rows
    encode   rows to ids and labels, beside the tokenizer alone on the same texts

Both sides of a comparison take turns; seconds are the process's CPU time, on one thread.
"""

from __future__ import annotations

import random
import statistics
import sys
from collections.abc import Callable, Sequence
from functools import partial
from time import process_time

import torch
from torch.nn import functional

from closedbook.config import Train
from closedbook.events import silent
from closedbook.records import Message, TrainingRow
from closedbook.store.rows import read_rows
from closedbook.students import REHEARSAL_STUDENT, REPLAY
from closedbook.students.encode import Encoded, encode_batch
from closedbook.students.labelling import IGNORED
from closedbook.students.student import load_student, load_tokenizer
from closedbook.training.batching import parts_of, plan_steps
from closedbook.training.loop import Loop, Schedule, adamw
from closedbook.training.metering import Meter
from closedbook.training.planning import Plan
from closedbook.training.rows import EncodedRows

TURNS = 6
STEPS = 40
ROWS = 256


def replayed() -> list[TrainingRow]:
    return list(read_rows(REPLAY, TrainingRow))


def seconds(work: Callable[[], object]) -> float:
    began = process_time()
    work()
    return process_time() - began


def speed() -> None:
    """Forty steps of ours and forty bare ones by turns, on two copies of the rehearsal student."""
    tokenizer = load_tokenizer(REHEARSAL_STUDENT)
    rows = EncodedRows.of(
        row for row in encode_batch(tokenizer, replayed(), 512) if isinstance(row, Encoded)
    )
    plan = Plan.make(rows, Train(), packed=False, ranks=1)
    pad = int(tokenizer.pad_token_id or 0)
    model = load_student(REHEARSAL_STUDENT).model
    loop = Loop(model, partial(adamw, weight_decay=0.01), Schedule(1e-4, 1, 10**6), pad)
    meter = Meter("speed", silent, 10**6)
    bare = load_student(REHEARSAL_STUDENT).model.train()
    optimizer = torch.optim.AdamW(bare.parameters(), 1e-4, fused=True)
    ours, theirs = [], []
    for turn in range(TURNS):
        steps = range(turn * STEPS, (turn + 1) * STEPS)
        tokens = sum(rows.lengths[row] for step in steps for row in plan.steps[step])
        batches = [padded(plan.parts(step)[0], pad) for step in steps]
        ours.append(tokens / seconds(partial(taken, loop, plan, steps, meter)))
        theirs.append(tokens / seconds(partial(bare_steps, bare, optimizer, batches)))
    ratio = statistics.median(a / b for a, b in zip(ours, theirs, strict=True))
    told = f"{statistics.median(ours):,.0f} and bare {statistics.median(theirs):,.0f}"
    print(f"speed: {told} tokens per CPU second; ratio {ratio:.3f} (aim: 0.8)")


def taken(loop: Loop, plan: Plan, steps: Sequence[int], meter: Meter) -> None:
    for step in steps:
        meter.after(loop.take(plan.parts(step)))


def padded(rows: Sequence[Encoded], pad: int) -> tuple[torch.Tensor, torch.Tensor]:
    longest = max(len(row.ids) for row in rows)
    ids = torch.full((len(rows), longest), pad)
    labels = torch.full((len(rows), longest), IGNORED)
    for place, row in enumerate(rows):
        ids[place, : len(row.ids)] = torch.tensor(row.ids)
        labels[place, : len(row.ids)] = torch.tensor(row.labels)
    return ids, labels


def bare_steps(
    model: torch.nn.Module,
    optimizer: torch.optim.Optimizer,
    batches: Sequence[tuple[torch.Tensor, torch.Tensor]],
) -> None:
    for ids, labels in batches:
        logits = model(input_ids=ids, use_cache=False).logits[:, :-1]
        loss = functional.cross_entropy(logits.flatten(0, 1), labels[:, 1:].flatten())
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()


def padding() -> None:
    tokenizer = load_tokenizer(REHEARSAL_STUDENT)
    encoded = encode_batch(tokenizer, replayed(), 512)
    drawn = random.Random(0)
    long = [min(4096, max(20, round(drawn.lognormvariate(5.5, 0.8)))) for _ in range(20 * ROWS)]
    sets = {
        "the built-in replay": [len(row.ids) for row in encoded if isinstance(row, Encoded)],
        "lognormal lengths, median 245": long,
    }
    for name, lengths in sets.items():
        step = round(ROWS * statistics.mean(lengths))
        steps = plan_steps(lengths, step, 1, 0, alike=False)
        halves = [parts_of(rows, lengths, step // 8) for rows in steps]
        packed = [parts_of(rows, lengths, step // 8, packed=True) for rows in steps]
        order = list(range(len(lengths)))
        drawn.shuffle(order)
        random16 = [order[start : start + 16] for start in range(0, len(order), 16)]
        ours = waste([part for parts in halves for part in parts], lengths)
        full = sum(map(len, packed)) * (step // 8)
        print(
            f"padding, {name}: {100 * ours:.1f} % in steps of {ROWS} rows (aim: under 10), "
            f"{100 * (1 - sum(lengths) / full):.1f} % of packed parts left empty, "
            f"{100 * waste(random16, lengths):.1f} % in random batches of 16"
        )


def waste(parts: Sequence[Sequence[int]], lengths: Sequence[int]) -> float:
    computed = sum(len(part) * max(lengths[row] for row in part) for part in parts)
    return 1 - sum(lengths[row] for part in parts for row in part) / computed


def encode() -> None:
    """A thousand rows at a time; the texts the tokenizer gets are ours, rendered beforehand."""
    tokenizer = load_tokenizer(REHEARSAL_STUDENT)
    short = replayed()[:1000]
    texts = [row.messages[-1].content for row in replayed()]
    long = [
        TrainingRow("study", (Message("user", "Tell."), Message("assistant", " ".join(some))))
        for some in (texts[start : start + 12] for start in range(0, 6000, 6))
        if some
    ]
    for name, rows in {"short": short, "long": long}.items():
        turns = [[{"role": m.role, "content": m.content} for m in row.messages] for row in rows]
        whole = [str(text) for text in tokenizer.apply_chat_template(turns, tokenize=False)]
        encoded = [row for row in encode_batch(tokenizer, rows, 10**6) if isinstance(row, Encoded)]
        ratios = []
        for _ in range(TURNS):
            alone = seconds(partial(tokenizer.__call__, whole, add_special_tokens=False))
            ratios.append(alone / seconds(lambda: encode_batch(tokenizer, rows, 10**6)))  # noqa: B023
        tokens = statistics.mean(len(row.ids) for row in encoded)
        print(
            f"encode, {name} rows ({tokens:.0f} tokens): {statistics.median(ratios):.2f} of the "
            "tokenizer's own speed (aim: 0.7)"
        )


def main() -> None:
    torch.set_num_threads(1)
    figures = {"speed": speed, "padding": padding, "encode": encode}
    for name in sys.argv[1:] or figures:
        figures[name]()


if __name__ == "__main__":
    main()
