"""What judges said: a pair whose verdict is not among those that `curate.verdicts` keeps goes."""

from __future__ import annotations

from closedbook.config import Curate
from closedbook.records import QAPair


def verdicts(settings: Curate, pair: QAPair) -> str:
    """A pair that was not judged in a respect is not judged by it here."""
    for name, choices in settings.verdicts.items():
        verdict = pair.verdicts.get(name)
        if verdict is not None and verdict.casefold() not in map(str.casefold, choices):
            return f"judged {name} {verdict}"
    return ""
