"""`kill -9` in the middle of generate loses nothing that was answered, and changes no byte."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from closedbook.records import Document
from closedbook.store.rows import write_rows

DOCUMENTS, SAMPLES = 30, 4
FILES = {
    "flows/pairs.yaml": f"""\
flow: pairs
makes: pairs
steps:
  - ask: {{prompt: make, samples: {SAMPLES}, parse: {{tags: [question, answer]}}}}
  - ask: {{prompt: judge, parse: {{tags: [faithful], blocks: one,
      choices: {{faithful: ['YES', 'NO']}}}}}}
  - filter: {{where: "faithful == 'YES'", reason: unfaithful}}
""",
    "prompts/make.md": """\
## system
[QUESTION] [ANSWER]
## user
MAKE {{ document }} {{ sample }}
""",
    "prompts/judge.md": "## system\n[FAITHFUL] YES or NO\n## user\nJUDGE {{ question }}\n",
}
RUN = """
import random, sys
from pathlib import Path
import anyio
from closedbook.events import silent
from closedbook.engine import Account
from closedbook.flows import TO_TRAIN_ON, generate, load_flows
from closedbook.models import ChatModel
from closedbook.records import Completion

class Teacher(ChatModel):
    identity = "scripted"

    def __init__(self, log):
        self.log = log
        self.room = anyio.Semaphore(8)

    async def complete(self, request, affinity=""):
        text = request.messages[-1].content
        async with self.room:
            self.log.write(f"{text!r} {request.sample}\\n".encode())
            await anyio.sleep(random.uniform(0.001, 0.01))
        if text.startswith("JUDGE"):
            return Completion(f"[FAITHFUL] {'no' if '3' in text else 'yes'} [END]")
        return Completion("".join(f"[QUESTION] {text} {n}? [ANSWER] {n} [END]" for n in range(2)))

project = Path(sys.argv[1])
with open(sys.argv[2], "ab", buffering=0) as log:
    generate(project / "documents.jsonl", load_flows(["pairs"], TO_TRAIN_ON, project),
             Account.of(Teacher(log), project / "journal.sqlite"), project / "out", silent)
"""


def make_project(folder: Path) -> Path:
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    documents = [
        Document.make(title="T", text=f"doc{n}", source=f"{n}.md") for n in range(DOCUMENTS)
    ]
    write_rows(folder / "documents.jsonl", documents)
    return folder


def started(project: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", RUN, str(project), str(project / "asked")]
    return subprocess.Popen(command, stderr=subprocess.PIPE)


def asked(project: Path) -> list[str]:
    path = project / "asked"
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


def committed(project: Path) -> int:
    with closing(sqlite3.connect(project / "journal.sqlite")) as connection:
        return int(connection.execute("SELECT count(*) FROM answers").fetchone()[0])


def finish(process: subprocess.Popen[bytes]) -> None:
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors.decode()


@pytest.mark.slow
@pytest.mark.parametrize("share", [0.25, 0.75])
def test_a_killed_run_continues_where_it_was(tmp_path: Path, share: float) -> None:
    undisturbed, killed = (make_project(tmp_path / name) for name in ("undisturbed", "killed"))
    finish(started(undisturbed))
    total = DOCUMENTS * SAMPLES * 3
    assert len(asked(undisturbed)) == total

    process = started(killed)
    while len(asked(killed)) < share * total:
        assert process.poll() is None, "the run ended before it could be killed"
        time.sleep(0.001)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    before, kept = len(asked(killed)), committed(killed)
    assert 0 < kept <= before < total
    assert list((killed / "out").iterdir()) == []

    finish(started(killed))
    for name in ("pairs", "rejections"):
        ours, theirs = (folder / f"out/{name}.jsonl" for folder in (undisturbed, killed))
        assert ours.read_bytes() == theirs.read_bytes()
    assert len(asked(killed)) - before == total - kept, "only what was not committed is asked again"
