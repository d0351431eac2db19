"""What is asked in every figure: documents of one size, and a flow of one ask with judgements.

`generated` runs it with the engine. The texts of its requests are here too, so that a bare loop
sends the very same ones and meets the same latencies.
"""

from __future__ import annotations

import multiprocessing
import resource
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from benchmarks.asking.server import JUDGE, reply

from closedbook.config import EndpointTeacher
from closedbook.engine import Account
from closedbook.events import silent
from closedbook.flows import TO_TRAIN_ON, generate, load_flows
from closedbook.models import ChatModel, make_teacher
from closedbook.records import Document, Message
from closedbook.store import write_rows

SLOTS = 64
CHARACTERS = 3000
"""Of a document."""
WISH = "Write [QUESTION] [ANSWER] pairs."
FILES = {
    "flows/one.yaml": """\
flow: one
makes: pairs
steps:
  - ask: {prompt: one, parse: {tags: [question, answer]}}
""",
    "flows/judged.yaml": """\
flow: judged
makes: pairs
steps:
  - ask: {prompt: one, parse: {tags: [question, answer]}}
  - ask: {prompt: verdict, parse: {tags: [verdict], blocks: one}}
""",
    "prompts/one.md": f"## user\n{{{{ document }}}}\n\n{WISH}\n",
    "prompts/verdict.md": (
        f"## user\n{{{{ document }}}}\n\n{JUDGE} {{{{ question }}}} {{{{ answer }}}} [VERDICT]\n"
    ),
}


def text_of(number: int) -> str:
    """Texts that differ at their beginning, so that no two prompts are the same."""
    filler = "lorem ipsum dolor sit amet " * (CHARACTERS // 27)
    return f"{number} {filler}".strip()


def documents(count: int) -> list[Document]:
    return [Document.make(title=f"T{n}", text=text_of(n), source=f"{n}.md") for n in range(count)]


def first_prompt(number: int) -> str:
    """What the flow asks first of a document."""
    return f"{text_of(number)}\n\n{WISH}"


def verdict_prompts(number: int, judged: int) -> list[str]:
    """What the flow asks next, of the first `judged` pairs that the server replies with."""
    blocks = reply((Message("user", first_prompt(number)),), 0).split("\n")[:judged]
    asked = [
        block.removeprefix("[QUESTION] ").removesuffix(" [END]").replace("[ANSWER] ", "")
        for block in blocks
    ]
    return [f"{text_of(number)}\n\n{JUDGE} {pair} [VERDICT]" for pair in asked]


def lay_out(root: Path) -> None:
    """Write the flows and prompts as a project has them."""
    for name, text in FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)


def endpoint(urls: str | Sequence[str], **settings: Any) -> EndpointTeacher:
    return EndpointTeacher.model_validate(
        {
            "kind": "endpoint",
            "base_url": urls,
            "model": "rehearsal",
            "concurrency": SLOTS,
            **settings,
        }
    )


def generated(
    teacher: EndpointTeacher, flow: str, count: int, folder: str, runs: int = 1
) -> dict[str, float]:
    """The generate stage over `count` documents; counts of the last of `runs` runs."""
    root = Path(folder)
    lay_out(root)
    write_rows(root / "documents.jsonl", documents(count))
    for _ in range(runs):
        found = measured(make_teacher(teacher, root), flow, root)
    return found


def measured(model: ChatModel, flow: str, root: Path) -> dict[str, float]:
    """One run of a flow over root/documents.jsonl: its counts, CPU and wall seconds, peak memory
    of this process in MB."""
    flows = load_flows([flow], TO_TRAIN_ON, root)
    account = Account.of(model, root / "journal.sqlite")
    cpu, wall = time.process_time(), time.monotonic()
    counts = generate(root / "documents.jsonl", flows, account, root / "out", silent)
    cpu, wall = time.process_time() - cpu, time.monotonic() - wall
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"cpu": cpu, "wall": wall, "peak_mb": peak, **counts}


def in_a_process(call: Callable[..., dict[str, float]], *arguments: Any) -> dict[str, float]:
    """`call(*arguments)` in a fresh process, so that CPU and memory are its own."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(call, arguments)
