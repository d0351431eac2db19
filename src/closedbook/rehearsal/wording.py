"""How the exam asks: an inventory of its own, which occurs in no document and no training text.

One thing is new in each: a third of the questions use a new clause (another verb), a third a new
frame (a form to fill in, with a plain word for the relation), a third a new noun for the relation.
{n} is the document's name.
"""

from __future__ import annotations

from pathlib import Path

from closedbook.config.section import Settings
from closedbook.config.strict_file import read_strictly


class Wording(Settings):
    """The exam's ways to ask one relation; `entry` is the plain word that the frames use."""

    entry: str
    clauses: tuple[str, ...]
    nouns: tuple[str, ...]


class _Inventory(Settings):
    """Wordings are by kind and relation."""

    frames: tuple[str, ...]
    wordings: dict[str, dict[str, Wording]]


_INVENTORY, _ = read_strictly(Path(__file__).with_suffix(".yaml"), _Inventory, "a file of wordings")
FRAMES = _INVENTORY.frames
WORDINGS = {
    (kind, relation): wording
    for kind, told in _INVENTORY.wordings.items()
    for relation, wording in told.items()
}
