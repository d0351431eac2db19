"""Pairs in another language than their document, or than the one that `curate.language` names.

Short texts are hard to tell and names lead astray, so a pair goes only where the identifier
(py3langid) is sure: of the quickstart's 2,808 pairs full of made-up names, none reaches 0.5 for
another language; "Wo liegt Heron? An einem See." has 0.90 for German. It takes half a millisecond,
so a pair that is mostly in its document's own words is not shown to it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, lru_cache

from closedbook.config import Curate
from closedbook.curation.text import words
from closedbook.records import Document, QAPair

SURE = 0.6
SHORTEST = 20
"""Characters below which nothing is said."""
READ = 2000
"""Characters of a document that tell its language."""
OWN_WORDS = 0.5
"""Share of a pair's words that its document holds, from which both are in one language."""


def language(settings: Curate, documents: Mapping[str, Document]) -> Callable[[QAPair], str]:
    @cache
    def expected(document_id: str) -> str:
        if settings.language != "document":
            return settings.language
        document = documents.get(document_id)
        return _identifier()(document.text[:READ])[0] if document else ""

    @lru_cache(maxsize=1)
    def vocabulary(document_id: str) -> frozenset[str]:
        document = documents.get(document_id) if settings.language == "document" else None
        return frozenset(words(document.text)) if document else frozenset()

    def spoken(pair: QAPair) -> str:
        text = f"{pair.question} {pair.answer}"
        told, own = words(text), vocabulary(pair.document_id)
        if len(text) < SHORTEST or sum(word in own for word in told) >= OWN_WORDS * len(told):
            return ""
        wanted = expected(pair.document_id)
        if not wanted:
            return ""
        found, sureness = _identifier()(text)
        return f"in another language ({found})" if found != wanted and sureness >= SURE else ""

    return spoken


@cache
def _identifier() -> Callable[[str], tuple[str, float]]:
    from py3langid.langid import (  # type: ignore[import-untyped]
        MODEL_FILE,
        LanguageIdentifier,
    )

    found: Callable[[str], tuple[str, float]] = LanguageIdentifier.from_model_file(
        MODEL_FILE, norm_probs=True
    ).classify
    return found
