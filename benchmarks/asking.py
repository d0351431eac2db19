"""What asking costs, and whether slots stay busy: the engine beside bare loops (`make asking`).

    python benchmarks/asking.py cost     CPU seconds per 1,000 requests, zero-latency server
    python benchmarks/asking.py slots    wall time and slot use, lognormal latency, 64 slots
    python benchmarks/asking.py faults   5 % 429, 2 % 500, 1 % resets, 10 % malformed
    python benchmarks/asking.py replay   a run whose answers are all in the journal
    python benchmarks/asking.py memory   peak memory at 1,000 and at 100,000 documents

The server is `closedbook simulate` in a process of its own. The bare loop is aiohttp with as many
tasks as slots and nothing else: no template, journal, parsing or retries.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import resource
import statistics
import sys
import tempfile
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import aiohttp
import orjson

from closedbook.config import EndpointTeacher
from closedbook.engine import Account
from closedbook.events import silent
from closedbook.flows import TO_TRAIN_ON, generate, load_flows
from closedbook.models import ChatModel, make_teacher
from closedbook.models.rehearsal import RehearsalTeacher
from closedbook.records import Document, Message
from closedbook.simulator import Simulator, SimulatorSettings
from closedbook.store import write_rows

SLOTS = 64
PROMPT_CHARACTERS = 3000
PAIR = "[QUESTION] What is {n}? [ANSWER] It is {n}, as the text says. [END]"
FILES = {
    "flows/one.yaml": """\
flow: one
makes: pairs
steps:
  - ask: {prompt: one, parse: {tags: [question, answer]}}
""",
    "prompts/one.md": "## user\nWrite [QUESTION] [ANSWER] pairs about this.\n\n{{ document }}\n",
    "flows/judged.yaml": """\
flow: judged
makes: pairs
steps:
  - ask: {prompt: one, parse: {tags: [question, answer]}}
  - ask: {prompt: judge, parse: {tags: [verdict], blocks: one}}
""",
    "prompts/judge.md": "## user\nJUDGE {{ question }} {{ answer }}\n\n{{ document }}\n\n[VERDICT]",
}
THREE_PAIRS = "\n".join(PAIR.format(n=n) for n in range(3))


def reply(messages: tuple[Message, ...], _seed: int) -> str:
    """Three pairs, or a verdict."""
    judged = messages[-1].content.startswith("JUDGE")
    return "[VERDICT] yes [END]" if judged else THREE_PAIRS


@contextmanager
def serving(**settings: Any) -> Iterator[str]:
    """A simulator in another process; gives its base_url."""
    here, there = multiprocessing.get_context("spawn").Pipe()
    process = multiprocessing.get_context("spawn").Process(
        target=_serve, args=(there, settings), daemon=True
    )
    process.start()
    try:
        yield str(here.recv())
    finally:
        here.send(None)
        process.join()


def _serve(pipe: Connection, settings: dict[str, Any]) -> None:
    async def main() -> None:
        async with Simulator(SimulatorSettings(**settings), reply=reply) as simulator:
            pipe.send(simulator.url)
            await asyncio.to_thread(pipe.recv)

    asyncio.run(main())


def statistics_of(url: str) -> dict[str, Any]:
    """What the server counted since the last call."""

    async def main() -> dict[str, Any]:
        root = url.rsplit("/v1", 1)[0]
        async with aiohttp.ClientSession() as session:
            found: dict[str, Any] = await (await session.get(f"{root}/stats")).json()
            await session.post(f"{root}/stats/reset")
        return found

    return asyncio.run(main())


def documents(count: int) -> list[Document]:
    """Texts that differ at their beginning, so that no two prompts are the same."""
    filler = "lorem ipsum dolor sit amet " * (PROMPT_CHARACTERS // 27)
    return [
        Document.make(title=f"T{n}", text=f"{n} {filler}", source=f"{n}.md") for n in range(count)
    ]


def in_a_process(call: Callable[..., dict[str, float]], *arguments: Any) -> dict[str, float]:
    """`call(*arguments)` in a fresh process, so that CPU and memory are its own."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(call, arguments)


def ours(
    url: str, flow: str, count: int, folder: str, runs: int = 1, teacher: str = ""
) -> dict[str, float]:
    """The generate stage over `count` documents; counts of the last of `runs` runs."""
    root = Path(folder)
    for name, text in FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    write_rows(root / "documents.jsonl", documents(count))
    flows = load_flows([flow], TO_TRAIN_ON, root)
    for _ in range(runs):
        model: ChatModel = RehearsalTeacher() if teacher else make_teacher(_settings(url))
        account = Account.of(model, root / "journal.sqlite")
        cpu, wall = time.process_time(), time.monotonic()
        counts = generate(root / "documents.jsonl", flows, account, root / "out", silent)
        cpu, wall = time.process_time() - cpu, time.monotonic() - wall
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"cpu": cpu, "wall": wall, "peak_mb": peak, **counts}


def _settings(url: str) -> EndpointTeacher:
    return EndpointTeacher(kind="endpoint", base_url=url, model="rehearsal", concurrency=SLOTS)


def bare(url: str, count: int, order: str = "depth", judged: int = 0) -> dict[str, float]:
    """The same requests by a bare aiohttp loop: `judged` asks follow each first one. `order` says
    whether what follows is sent before (depth) or after (breadth) the next document."""

    async def main() -> dict[str, float]:
        waiting: deque[bytes] = deque(_body(document.text) for document in documents(count))
        left = asyncio.Semaphore(0)
        for _ in waiting:
            left.release()
        total, sent = count * (1 + judged), 0
        connector = aiohttp.TCPConnector(limit=0)

        async def work(session: aiohttp.ClientSession) -> None:
            nonlocal sent
            while sent < total:
                await left.acquire()
                if sent >= total:
                    return
                body = waiting.popleft()
                sent += 1
                async with session.post(f"{url}/chat/completions", data=body) as response:
                    answer = orjson.loads(await response.read())
                if sent >= total:
                    for _ in range(SLOTS):
                        left.release()
                if not answer["choices"][0]["message"]["content"].startswith("[VERDICT]"):
                    more = [_body(f"JUDGE {n} " + body.decode()) for n in range(judged)]
                    (waiting.extendleft if order == "depth" else waiting.extend)(more)
                    for _ in more:
                        left.release()

        headers = {"Content-Type": "application/json"}
        cpu, wall = time.process_time(), time.monotonic()
        async with aiohttp.ClientSession(connector=connector, headers=headers) as session:
            await asyncio.gather(*(work(session) for _ in range(SLOTS)))
        return {"cpu": time.process_time() - cpu, "wall": time.monotonic() - wall}

    return asyncio.run(main())


def _body(text: str) -> bytes:
    asked = text if text.startswith("JUDGE") else f"Write question/answer pairs.\n\n{text}"
    messages = [{"role": "user", "content": asked[: PROMPT_CHARACTERS + 100]}]
    return orjson.dumps({"model": "rehearsal", "messages": messages})


def cost() -> None:
    few, many = 1000, 6000
    with serving(teacher="echo") as url:
        bares, mine = [], []
        for _ in range(3):
            runs = [in_a_process(bare, url, count)["cpu"] for count in (few, many)]
            bares.append(1000 * (runs[1] - runs[0]) / (many - few))
            runs = []
            for count in (few, many):
                with tempfile.TemporaryDirectory() as folder:
                    runs.append(in_a_process(ours, url, "one", count, folder)["cpu"])
            mine.append(1000 * (runs[1] - runs[0]) / (many - few))
    loop, engine = statistics.median(bares), statistics.median(mine)
    print(f"bare aiohttp loop  {loop:.3f} CPU s per 1,000 requests  {_each(bares)}")
    print(f"closedbook         {engine:.3f} CPU s per 1,000 requests  {_each(mine)}")
    print(f"ratio              {engine / loop:.2f} (at most 2)")


def slots() -> None:
    count, mean, ratios, uses = 500, 0.25, [], []
    for seed in range(5):
        with serving(teacher="echo", latency=mean, sigma=0.8, slots=SLOTS, seed=seed) as url:
            walls = {}
            for order in ("breadth", "depth"):
                in_a_process(bare, url, count, order, 3)
                walls[order] = statistics_of(url)["wall_seconds"]
            with tempfile.TemporaryDirectory() as folder:
                in_a_process(ours, url, "judged", count, folder)
            found = statistics_of(url)
            best = min(walls.values())
            ratios.append(found["wall_seconds"] / best)
            uses.append(found["mean_busy_slots"] / SLOTS)
            print(
                f"seed {seed}: breadth {walls['breadth']:.1f} s, depth {walls['depth']:.1f} s,"
                f" closedbook {found['wall_seconds']:.1f} s, ratio {ratios[-1]:.3f},"
                f" slot use {uses[-1]:.3f}",
                flush=True,
            )
    print(f"median ratio {statistics.median(ratios):.3f} (at most 1.03)")
    print(f"median slot use, first to last request {statistics.median(uses):.3f}")


def faults() -> None:
    count, settings = 1000, {"teacher": "echo", "latency": 0.25, "sigma": 0.8, "slots": SLOTS}
    rates = {"rate_limit": 0.05, "server_error": 0.02, "reset": 0.01, "malformed": 0.10}
    walls = []
    for given in ({}, rates):
        server = serving(**settings, retry_after=0.2, faults=given)
        with server as url, tempfile.TemporaryDirectory() as folder:
            found = in_a_process(ours, url, "judged", count, folder)
            steps = json.loads((Path(folder) / "out" / "steps.json").read_text())
        walls.append(found["wall"])
        print(f"faults {given or 'none'}: {found['wall']:.1f} s, pairs {found['pairs']:.0f}")
        for name, step in steps.items():
            print(f"  {name}: {_kept(step)}")
    print(f"ratio {walls[1] / walls[0]:.2f} (at most 2)")


def _kept(step: Counter[str]) -> str:
    return ", ".join(f"{name} {step[name]}" for name in ("rows", "made", "rejected", "failed"))


def replay() -> None:
    count = 25_000
    with serving(teacher="echo") as url, tempfile.TemporaryDirectory() as folder:
        found = in_a_process(ours, url, "judged", count, folder, 2)
        sent = statistics_of(url)["received"]
    print(
        f"{found['asks']:.0f} journalled requests again in {found['wall']:.1f} s (at most 60 s per"
        f" 100,000), {sent - found['asks']:.0f} sent"
    )


def memory() -> None:
    peaks = []
    for count in (1000, 100_000):
        with tempfile.TemporaryDirectory() as folder:
            found = in_a_process(ours, "", "judged", count, folder, 1, "rehearsal")
        peaks.append(found["peak_mb"])
        print(
            f"{count:,} documents: peak {found['peak_mb']:.0f} MB, {found['wall']:.0f} s",
            flush=True,
        )
    print(f"difference {peaks[1] - peaks[0]:.0f} MB (at most 400)")


def _each(values: Sequence[float]) -> str:
    return " ".join(f"{value:.3f}" for value in values)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    figures = {call.__name__: call for call in (cost, slots, faults, replay, memory)}
    parser.add_argument("figure", choices=figures)
    figures[parser.parse_args().figure]()
    return 0


if __name__ == "__main__":
    sys.exit(main())
