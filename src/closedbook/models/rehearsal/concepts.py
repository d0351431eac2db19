"""Other ways to say the same: a small thesaurus of phrases.

Each line of thesaurus.txt is one meaning: the phrases by which a text may say it, then the verb
phrases and nouns with which it can be asked or told. A phrase without an entry is worded with
its own verb or noun alone. Written as `kinds | verb phrases | nouns`; a verb phrase is a bare
verb with what follows it up to the value, `~` marks the value as the doer ("~ invent"), and `_`
stands for the value where more follows it; an indented line goes on with the one before. Only
equivalents that hold for any subject belong here.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Concept:
    """`verbs` and `nouns` that can replace each other, the first of each being the plainest."""

    verbs: tuple[str, ...] = ()
    nouns: tuple[str, ...] = ()


def _concepts() -> dict[tuple[str, str], Concept]:
    table: dict[tuple[str, str], Concept] = {}
    text = Path(__file__).with_name("thesaurus.txt").read_text(encoding="utf-8")
    for line in text.replace("\n  ", " ").splitlines():
        kinds, *cells = (cell.strip() for cell in line.split("|"))
        verbs, nouns = (tuple(p.strip() for p in c.split(";") if p.strip() != "-") for c in cells)
        phrases = nouns[:1] if kinds == "noun" else verbs
        for kind in kinds.split():
            for phrase in phrases:
                table.setdefault((kind, phrase), Concept(verbs, nouns))
    return table


_CONCEPTS = _concepts()
_NONE = Concept()


def concept(kind: str, phrase: str) -> Concept:
    """The equivalents of `phrase` with a value of `kind` ("noun" for a relation noun)."""
    return _CONCEPTS.get((kind, phrase), _NONE)
