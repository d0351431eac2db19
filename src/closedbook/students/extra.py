"""Whether the packages a local student needs are installed.

Knows only their names: callers ask before they import a leaf that imports torch, so that a user
reads a pip line and not a traceback.
"""

from __future__ import annotations

from importlib.util import find_spec

from closedbook.errors import MissingExtra

_NEEDED = ("torch", "transformers", "accelerate")


def require_training_extra() -> None:
    """Raises MissingExtra if a local student cannot be loaded or trained here."""
    for module in _NEEDED:
        if find_spec(module) is None:
            raise MissingExtra("train", module)
