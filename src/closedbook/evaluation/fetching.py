"""Downloading QuALITY: the published files, each checked, and their articles as documents.

The checksums are those of git, in which the authors publish: SHA-1 over the file with its length
before it. Invariant: a file that is not the published one is never left under its name.
"""

from __future__ import annotations

import hashlib
import re
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path

from closedbook.errors import InputError
from closedbook.evaluation.quality import Article, read_articles, subset
from closedbook.store import write_atomically

COMMIT = "f84977c40dbfef70c9cab48037b7becfc8e45f73"
BASE = f"https://raw.githubusercontent.com/nyu-mll/quality/{COMMIT}/data/v1.0.1/"
QUALITY: Mapping[str, str] = {
    "QuALITY.v1.0.1.htmlstripped.train": "cb16a11b32099774dd0a66f0bfbc67a3926b95c3",
    "QuALITY.v1.0.1.htmlstripped.dev": "3b719593e8eaa993b1b6cc100deece53019230c4",
}
"""The files with labels: 265 articles, 4,609 questions. The authors' licence is CC BY 4.0; that of
each article stands in the file."""
SECONDS = 60.0
_UNFIT = re.compile(r"[^\w.-]+")


def fetch_quality(
    folder: Path, *, base: str = BASE, files: Mapping[str, str] = QUALITY
) -> list[Path]:
    """Download what is not there yet; returns the files. Raises InputError where there is no
    network, or if a file is not the published one."""
    fetched = []
    for name, checksum in files.items():
        file = folder / name
        if not (file.is_file() and blob_id(file.read_bytes()) == checksum):
            content = _downloaded(f"{base}{name}")
            if (found := blob_id(content)) != checksum:
                raise InputError(
                    f"{base}{name}: not the published file (checksum {found}, not {checksum})",
                    hint="try again; if it stays so, download it by hand and compare",
                )
            write_atomically(file, content)
        fetched.append(file)
    return fetched


def write_articles(
    files: Sequence[Path], folder: Path, titles: str | Sequence[str] = "all"
) -> list[Article]:
    """Write each article of a subset as a Markdown file whose heading is the title that its
    questions name; returns them."""
    articles = subset(read_articles(files), titles)
    for number, article in enumerate(articles):
        name = _UNFIT.sub("-", article.title).strip("-.")[:60]
        text = f"# {article.title}\n\n{article.text.strip()}\n"
        write_atomically(folder / f"{number:03}-{name}.md", text.encode())
    return articles


def blob_id(content: bytes) -> str:
    """What git calls a file of this content."""
    return hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False).hexdigest()


def _downloaded(url: str) -> bytes:
    try:
        with urllib.request.urlopen(url, timeout=SECONDS) as reply:  # noqa: S310 - ours, or a test's
            content: bytes = reply.read()
            return content
    except OSError as error:  # every error of urllib is one
        if isinstance(error, urllib.error.HTTPError):
            error.close()
        raise InputError(
            f"{url}: cannot be downloaded: {error}",
            hint="where there is no network, download it elsewhere and copy it here",
        ) from error
