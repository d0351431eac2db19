"""QuALITY is downloaded from a server, checked, and becomes documents its questions name."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from closedbook import documents as reading
from closedbook.errors import InputError
from closedbook.evaluation.fetching import blob_id, fetch_quality, write_articles
from closedbook.events import silent
from closedbook.records import Document
from closedbook.store import read_rows

ARTICLE = {"title": "The Lamp: A/B?", "author": "Vas", "article": "It was lit.", "questions": []}
CONTENT = (json.dumps(ARTICLE) + "\n").encode()


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Tests print nothing."""


@pytest.fixture
def served(tmp_path: Path) -> Iterator[str]:
    (tmp_path / "served").mkdir()
    (tmp_path / "served" / "dev").write_bytes(CONTENT)
    handler = partial(Quiet, directory=str(tmp_path / "served"))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


def test_a_file_is_downloaded_once_and_its_articles_are_documents(
    tmp_path: Path, served: str
) -> None:
    files = {"dev": blob_id(CONTENT)}
    (file,) = fetch_quality(tmp_path / "quality", base=served, files=files)
    assert file.read_bytes() == CONTENT
    (tmp_path / "served" / "dev").unlink()
    fetch_quality(tmp_path / "quality", base=served, files=files)
    write_articles([file], tmp_path / "documents")
    reading.read_documents(tmp_path / "documents", tmp_path / "out", silent)
    (document,) = read_rows(tmp_path / "out" / "documents.jsonl", Document)
    assert (document.title, "It was lit." in document.text) == ("The Lamp: A/B?", True)


def test_another_file_is_refused_and_not_kept(tmp_path: Path, served: str) -> None:
    with pytest.raises(InputError, match="not the published file"):
        fetch_quality(tmp_path / "quality", base=served, files={"dev": "0" * 40})
    assert not (tmp_path / "quality" / "dev").exists()


def test_without_the_server_it_says_what_to_do(tmp_path: Path, served: str) -> None:
    with pytest.raises(InputError, match="cannot be downloaded") as caught:
        fetch_quality(tmp_path / "quality", base=served, files={"none": "0" * 40})
    assert "no network" in caught.value.hint


def test_the_checksum_is_what_git_computes() -> None:
    assert blob_id(b"hello\n") == "ce013625030ba8dba906f756967f9e9ca394464a"
