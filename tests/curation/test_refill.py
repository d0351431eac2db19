"""Documents with too few pairs are asked about again: with sample numbers of their own, until they
have enough or nothing new comes; a killed refill buys nothing twice and leaves the same bytes."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from closedbook.config import Curate
from closedbook.curation import Generated, curate
from closedbook.events import Counts, Emit, silent
from closedbook.records import Document, QAPair
from closedbook.store import read_rows, write_rows

TOWNS = [
    Document.make(title=name, text=f"{name} is a town.", source=f"{name}.md")
    for name in ("Ander", "Bruna", "Calix")
]


def asked(town: Document, *numbers: int) -> list[QAPair]:
    return [
        QAPair(
            document_id=town.id,
            flow="qa",
            question=f"Question {n} of {town.title}?",
            answer=f"a{n}",
        )
        for n in numbers
    ]


def test_only_documents_below_the_target_are_asked_about_until_they_have_it(tmp_path: Path) -> None:
    ander, bruna, calix = TOWNS
    first = [*asked(ander, 1, 2, 3), *asked(bruna, 1)]
    write_rows(tmp_path / "documents.jsonl", TOWNS)
    write_rows(tmp_path / "pairs.jsonl", first)
    for name in ("study", "exam"):
        write_rows(tmp_path / f"{name}.jsonl", [])
    rounds = {1: [*asked(bruna, 1, 2), *asked(calix, 1)], 2: asked(bruna, 3)}
    seen = []

    def again(documents: Path, number: int, out: Path, emit: Emit) -> Counts:
        seen.append([town.title for town in read_rows(documents, Document)])
        write_rows(out / "pairs.jsonl", rounds.get(number, []))
        return {"asks": 2, "to_retry": 0}

    generated = Generated(
        tmp_path / "documents.jsonl", tmp_path, tmp_path / "exam.jsonl", tmp_path, again
    )
    counts = curate(generated, Curate(refill=3, refill_rounds=5), tmp_path / "out", silent)
    assert seen == [["Bruna", "Calix"], ["Bruna", "Calix"]]
    kept = list(read_rows(tmp_path / "out" / "pairs.jsonl", QAPair))
    assert kept == [*asked(ander, 1, 2, 3), *asked(bruna, 1, 2, 3), *asked(calix, 1)]
    told = {name: counts[name] for name in ("pairs", "refilled", "documents_below_target", "asks")}
    assert told == {"pairs": 7, "refilled": 3, "documents_below_target": 1, "asks": 4}
    rows = read_rows(tmp_path / "out" / "coverage.jsonl", dict[str, Any])
    assert [(row["pairs"], row["below_target"]) for row in rows] == [
        (3, False),
        (3, False),
        (1, True),
    ]


def test_what_a_round_gave_is_kept_whatever_it_counted(tmp_path: Path) -> None:
    write_rows(tmp_path / "documents.jsonl", TOWNS[:1])
    for name in ("pairs", "study", "exam"):
        write_rows(tmp_path / f"{name}.jsonl", [])

    def again(documents: Path, number: int, out: Path, emit: Emit) -> Counts:
        write_rows(out / "pairs.jsonl", asked(TOWNS[0], 1))
        return {}

    generated = Generated(
        tmp_path / "documents.jsonl", tmp_path, tmp_path / "exam.jsonl", tmp_path, again
    )
    assert curate(generated, Curate(refill=1), tmp_path / "out", silent)["pairs"] == 1
    assert list(read_rows(tmp_path / "out" / "pairs.jsonl", QAPair)) == asked(TOWNS[0], 1)


DOCUMENTS, TARGET = 12, 6
PROMPT = (
    "## system\n[QUESTION] [ANSWER]\n## user\nMAKE {{ document }} {{ sample }} of {{ samples }}\n"
)
FLOW = """\
flow: pairs
makes: pairs
steps:
  - ask: {prompt: make, samples: 2, parse: {tags: [question, answer]}}
"""
RUN = """
import random, sys
from functools import partial
from pathlib import Path
import anyio
from closedbook.config import Curate
from closedbook.curation import Generated, curate
from closedbook.events import silent
from closedbook.engine import Account
from closedbook.flows import TO_TRAIN_ON, generate, load_flows
from closedbook.models import ChatModel
from closedbook.records import Completion

class Teacher(ChatModel):
    identity = "scripted"
    room = anyio.Semaphore(4)

    async def complete(self, request, affinity=""):
        text = request.messages[-1].content
        async with self.room:
            log.write(f"{text!r} {request.sample}\\n".encode())
            await anyio.sleep(random.uniform(0.005, 0.02))
        return Completion(f"[QUESTION] {text}, is it asked? [ANSWER] it is {text[-9:]} [END]")

project = Path(sys.argv[1])
flows = load_flows(["pairs"], TO_TRAIN_ON, project)
with open(project / "asked", "ab", buffering=0) as log:
    account = Account.of(Teacher(), project / "journal.sqlite")
    make = lambda documents, out, **more: generate(documents, flows, account, out, silent, **more)
    make(project / "documents.jsonl", project / "made")
    again = lambda documents, number, out, emit: make(documents, out, rounds=number)
    generated = Generated(project / "documents.jsonl", project / "made", project / "exam.jsonl",
                          project / "filters", again)
    settings = Curate(refill=int(sys.argv[2]), without=("language",))
    curate(generated, settings, project / "out", silent)
"""


def started(folder: Path) -> subprocess.Popen[bytes]:
    if not folder.exists():
        (folder / "flows").mkdir(parents=True)
        (folder / "prompts").mkdir()
        (folder / "flows" / "pairs.yaml").write_text(FLOW)
        (folder / "prompts" / "make.md").write_text(PROMPT)
        texts = [f"doc{chr(97 + n) * 9}" for n in range(DOCUMENTS)]
        made = [Document.make(title="T", text=text, source=f"{text}.md") for text in texts]
        write_rows(folder / "documents.jsonl", made)
        write_rows(folder / "exam.jsonl", [])
    command = [sys.executable, "-c", RUN, str(folder), str(TARGET)]
    return subprocess.Popen(command, stderr=subprocess.PIPE)


def requests(folder: Path) -> list[str]:
    path = folder / "asked"
    return path.read_text().splitlines() if path.exists() else []


def finish(process: subprocess.Popen[bytes]) -> None:
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors.decode()


@pytest.mark.slow
def test_a_killed_refill_goes_on_from_the_journal_to_the_same_bytes(tmp_path: Path) -> None:
    undisturbed, killed = tmp_path / "undisturbed", tmp_path / "killed"
    finish(started(undisturbed))
    total = DOCUMENTS * TARGET
    assert len(set(requests(undisturbed))) == len(requests(undisturbed)) == total
    samples = {line.rpartition(" ")[2] for line in requests(undisturbed)}
    assert samples == {str(number) for number in range(TARGET)}

    process = started(killed)
    while len(requests(killed)) < 0.6 * total:
        assert process.poll() is None, "the run ended before it could be killed"
        time.sleep(0.001)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    with closing(sqlite3.connect(killed / "journal.sqlite")) as connection:
        (kept,) = connection.execute("SELECT count(*) FROM answers").fetchone()
    before = len(requests(killed))
    assert DOCUMENTS * 2 <= kept <= before < total

    finish(started(killed))
    assert len(requests(killed)) - before == total - kept
    for name in ("pairs", "rejections", "coverage"):
        ours, theirs = (folder / "out" / f"{name}.jsonl" for folder in (undisturbed, killed))
        assert ours.read_bytes() == theirs.read_bytes()
