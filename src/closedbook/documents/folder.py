"""What lies in the documents folder, in an order that does not depend on the machine.

Knows nothing of formats. Every directory is entered once, whatever links say, and only regular
files are handed on; hidden files and the lock files of office programs are passed over.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from closedbook.documents.drafts import UnreadableError
from closedbook.errors import InputError
from closedbook.hints import path_shown

_COPY = re.compile(r"^copy( \(?\d+\)?)? of |[ _-]+copy( ?\(?\d+\)?)?$| \(\d{1,2}\)$", re.IGNORECASE)
"""What file managers and browsers add to the name of a copy."""


@dataclass(frozen=True, slots=True)
class Found:
    """One file. `source` is its path below the folder, with `/`; `problem` says why it cannot
    be read."""

    path: Path
    source: str
    problem: UnreadableError | None = None


def files_below(folder: Path) -> list[Found]:
    """Every file in the folder and its subfolders, sorted by source, but what is named as the copy
    of another right after it: of the same text twice, the first is kept."""
    if not folder.is_dir():
        problem = "is not a folder" if folder.exists() else "does not exist"
        raise InputError(
            f"the documents folder {path_shown(folder)} {problem}",
            hint="make it and put your documents into it",
        )
    found = list(_walk(folder, "", set()))
    sources = {file.source for file in found}

    def place(file: Found) -> tuple[str, bool, str]:
        original = _original(file.source)
        is_copy = original != file.source and original in sources
        return (original if is_copy else file.source, is_copy, file.source)

    return sorted(found, key=place)


def _original(source: str) -> str:
    """Of what a file is a copy by its name; itself, of most names."""
    path = PurePosixPath(source)
    return f"{source.removesuffix(path.name)}{_COPY.sub('', path.stem)}{path.suffix}"


def _walk(directory: Path, prefix: str, entered: set[tuple[int, int]]) -> Iterator[Found]:
    source = prefix.rstrip("/") or "."
    try:
        status = directory.stat()
        if (status.st_dev, status.st_ino) in entered:
            yield Found(directory, source, _entered_before())
            return
        entered.add((status.st_dev, status.st_ino))
        paths = sorted(directory.iterdir())
    except OSError as error:
        yield Found(directory, source, cannot_be_read(error))
        return
    links: list[Path] = []
    for path in (path for path in paths if not path.name.startswith((".", "~$"))):
        if path.is_symlink() and path.is_dir():
            links.append(path)
        elif path.is_dir():
            yield from _walk(path, prefix + _spelled(path.name) + "/", entered)
        else:
            yield Found(path, prefix + _spelled(path.name), _problem(path))
    # After the folders themselves, so that a text is known by its own path and not by a link's.
    for path in links:
        yield from _walk(path, prefix + _spelled(path.name) + "/", entered)


def _spelled(name: str) -> str:
    """A name as text: bytes that are no UTF-8 are shown as escapes."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def _problem(path: Path) -> UnreadableError | None:
    try:
        mode = path.stat().st_mode
    except OSError as error:
        return cannot_be_read(error)
    if not stat.S_ISREG(mode):
        return UnreadableError(
            "cannot be read", "not a regular file", hint="take it out of the folder"
        )
    return None


def _entered_before() -> UnreadableError:
    return UnreadableError(
        "link to a folder already read",
        "a symbolic link, or a loop of them",
        hint="nothing is lost; remove the link to silence this line",
    )


def cannot_be_read(error: OSError) -> UnreadableError:
    """The refusal of a file or folder that the system does not hand out."""
    return UnreadableError(
        "cannot be read",
        (error.strerror or str(error)).lower(),
        hint="check its permissions and where its links point",
    )
