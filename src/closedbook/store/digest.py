"""Digests of files and folders: what an artifact is, apart from where and when it was written."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

CHUNK = 1 << 20


def digest_file(path: Path) -> str:
    """BLAKE2b of a file's bytes, 32 hex digits."""
    state = hashlib.blake2b(digest_size=16)
    with path.open("rb") as file:
        while block := file.read(CHUNK):
            state.update(block)
    return state.hexdigest()


def digest_path(path: Path) -> str:
    """Digest of a file, or of a folder's relative names and contents; "" if nothing is there."""
    if path.is_file():
        return digest_file(path)
    if not path.is_dir():
        return ""
    state = hashlib.blake2b(digest_size=16)
    for item in visible_files(path):
        # A name is bytes to the system, and need not be text.
        state.update(
            os.fsencode(f"{item.relative_to(path).as_posix()}\0{_digest_or_fault(item)}\n")
        )
    return state.hexdigest()


def visible_files(folder: Path) -> list[Path]:
    """Every file below `folder` whose path has no hidden part, sorted. Links to folders are
    followed, each folder is entered once, so that a loop cannot trap us."""
    found: list[Path] = []
    entered: set[Path] = set()
    for place, folders, files in os.walk(folder, followlinks=True):
        here = Path(place).resolve()
        folders[:] = [] if here in entered else sorted(f for f in folders if f[0] != ".")
        if here not in entered:
            found += [Path(place, name) for name in files if name[0] != "."]
        entered.add(here)
    return sorted(item for item in found if item.is_file())


def _digest_or_fault(path: Path) -> str:
    try:
        return digest_file(path)
    except OSError as error:
        return f"unreadable: {error.errno}"
