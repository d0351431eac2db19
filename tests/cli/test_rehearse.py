"""A rehearsal asks no service, needs no key and no file that is yet to be fetched."""

from __future__ import annotations

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from pytest_socket import disable_socket
from typer.testing import CliRunner

from closedbook import Project
from closedbook.cli.main import app
from closedbook.creating import create_project


@pytest.fixture
def service() -> Iterator[tuple[str, list[str]]]:
    """An address that knows no path, and what it is asked for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked.append(f"{self.path} {self.headers['Authorization']}")
            self.send_error(404)

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/v1", asked
        server.shutdown()
        thread.join()


def test_a_rehearsal_asks_no_embedding_and_no_reranker(
    small_project: Path, service: tuple[str, list[str]]
) -> None:
    address, asked = service
    terms = f"base_url: '{address}', model: e, api_key: sk-real, attempts: 1, give_up_after: 0.1"
    retrieval = f"search: vectors, embedding: {{kind: endpoint, {terms}}}, rerank: {{{terms}}}"
    file = small_project / "closedbook.yaml"
    file.write_text(
        file.read_text().replace("{resamples", f"{{retrieval: {{{retrieval}}}, resamples")
    )
    by_hand = f"{{kind: endpoint, {terms}}}"
    (small_project / "flows").mkdir()
    own = "flow: own\nextends: qa\nchange: {judge: {model: big}}\n"
    (small_project / "flows" / "own.yaml").write_text(own)
    rehearsal = Project.open_rehearsal(
        small_project,
        [
            f"evaluate.retrieval.embedding={by_hand}",
            f"models.big={by_hand}",
            "generate.flows=[own]",
        ],
    )
    rehearsal.run("generate")
    rehearsal.run("retrieve")
    assert (small_project / "out" / "rehearsal" / "retrieve" / "found.jsonl").stat().st_size > 0
    assert asked == []
    assert "by words alone" in " ".join(rehearsal.notes)


@pytest.mark.slow
@pytest.mark.timeout(120)
def test_the_published_preset_is_rehearsed_without_network_keys_or_exam(
    small_project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("NVIDIA_API_KEY", "OPENAI_API_KEY", "COHERE_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    documents, folder = small_project / "documents", small_project.parent / "published"
    (documents / "orrmills.txt").unlink()
    (small_project / "exam.jsonl").unlink()
    create_project(folder, documents, preset="nemotron-quality")
    disable_socket(allow_unix_socket=True)
    result = CliRunner().invoke(app, ["rehearse", str(folder), "--set", "mix.tokens=2000"])
    assert result.exit_code == 0, result.output
    assert "QuALITY.v1.0.1.htmlstripped.train; the rehearsal asks questions of its own" in (
        result.stdout.replace("\n", "")
    )
    assert "No accuracy is given: this was a rehearsal" in result.stdout
    assert "status, ask and exam tell of runs alone" in result.stdout
    assert (folder / "out" / "rehearsal" / "report.html").is_file()


def test_status_tells_where_a_rehearsal_is(small_project: Path) -> None:
    def told() -> str:
        return CliRunner().invoke(app, ["status", "-p", str(small_project)]).stdout

    assert "rehearsal" not in told()
    Project.open_rehearsal(small_project).run("documents")
    assert "project/out/rehearsal" in told().replace("\n", "")
