"""What is asked again after an edit: of the flow's text, of the last prompt, of the documents."""

from __future__ import annotations

import tempfile
from pathlib import Path

from benchmarks.asking.project import Folder
from benchmarks.asking.server import JUDGE, PAIRS, Server

DOCUMENTS = 100


def edit() -> None:
    with Server() as server, tempfile.TemporaryDirectory() as folder:
        project = Folder.made(Path(folder) / "project", server.url, DOCUMENTS)
        flow = project.root / "flows" / "judged.yaml"
        prompt = project.root / "prompts" / "verdict.md"
        _told("first run", project, server, DOCUMENTS * (1 + PAIRS))
        _told("nothing edited", project, server, 0)
        flow.write_text(flow.read_text().replace("makes:", "description: edited\nmakes:"))
        _told("flow described anew", project, server, 0)
        parse, other = "parse: {tags: [verdict], blocks: one}", "parse: {tags: [verdict]}"
        flow.write_text(flow.read_text().replace(parse, other))
        _told("verdicts parsed otherwise", project, server, 0)
        kept = "  - filter: {where: \"'yes' in verdict\", reason: judged wrong}\n"
        flow.write_text(flow.read_text() + kept)
        _told("filter added", project, server, 0)
        prompt.write_text(prompt.read_text().replace(JUDGE, f"{JUDGE} strictly:"))
        _told("judge's prompt edited", project, server, DOCUMENTS * PAIRS)
        project.add(DOCUMENTS)
        _told("one document more", project, server, 1 + PAIRS)


def _told(what: str, project: Folder, server: Server, wanted: int) -> None:
    server.reset()
    before = project.finished_at
    run = project.run()
    sent = server.stats()["received"]
    right = "as it must be" if sent == wanted and not run.code else f"NOT {wanted}, EXIT {run.code}"
    stage = "done again" if project.finished_at != before else "left as it is"
    print(f"{what}: {sent} requests, {right}; stage {stage}", flush=True)
