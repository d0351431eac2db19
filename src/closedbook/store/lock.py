"""One process at a time writes in a project folder.

Knows the lock's file and nothing of what is done under it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from closedbook.errors import ProjectBusy
from closedbook.store.place import STATE


@contextmanager
def locked(root: Path) -> Iterator[None]:
    """The project at `root` is this process's alone. Raises ProjectBusy where another has it."""
    state = root / STATE
    state.mkdir(mode=0o700, exist_ok=True)
    try:
        with FileLock(state / "lock", timeout=0):
            yield
    except Timeout:
        raise ProjectBusy(
            f"another run is using {root}", hint="wait for it, or stop it first"
        ) from None


def is_locked(root: Path) -> bool:
    """Whether some process has the project now; untold where its lock cannot be tried."""
    lock = root / STATE / "lock"
    if not os.access(lock, os.W_OK):
        return False
    try:
        with FileLock(lock, timeout=0):
            return False
    except Timeout:
        return True
