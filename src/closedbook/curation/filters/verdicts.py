"""What judges said: a pair whose verdict is not among those that `curate.verdicts` keeps goes."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from closedbook.config import Curate
from closedbook.records import Document, QAPair


def verdicts(settings: Curate, _: Mapping[str, Document]) -> Callable[[QAPair], str]:
    """A pair that was not judged in a respect is not judged by it here."""
    kept = {
        name: {choice.casefold() for choice in choices}
        for name, choices in settings.verdicts.items()
    }

    def judged(pair: QAPair) -> str:
        for name, choices in kept.items():
            verdict = pair.verdicts.get(name)
            if verdict is not None and verdict.casefold() not in choices:
                return f"judged {name} {verdict}"
        return ""

    return judged
