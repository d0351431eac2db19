"""What torchrun's environment tells a process: which of how many it is.

Light, so that planning a run needs no torch.
"""

from __future__ import annotations

import os


def size() -> int:
    return int(os.environ.get("WORLD_SIZE", "1"))


def rank() -> int:
    return int(os.environ.get("RANK", "0"))


def local_rank() -> int:
    """Which one on its machine."""
    return int(os.environ.get("LOCAL_RANK", "0"))
