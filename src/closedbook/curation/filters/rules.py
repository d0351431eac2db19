"""The built-in filters in their order, and the registry of all others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from closedbook.config import Curate
from closedbook.curation.filters.form import form
from closedbook.curation.filters.giveaway import giveaway
from closedbook.curation.filters.language import language
from closedbook.curation.filters.leak import leak
from closedbook.curation.filters.refusal import refusal
from closedbook.curation.filters.tags import tags
from closedbook.curation.filters.verdicts import verdicts
from closedbook.records import Document, QAPair
from closedbook.registry import Registry

Filter = Callable[[QAPair], str]
FILTERS: Registry[Filter] = Registry("filters", "filter")
"""The filters of projects and packages; those of `rules` run unless `curate.without` names them."""


def rules(settings: Curate, documents: Mapping[str, Document]) -> dict[str, Filter]:
    """The built-in ones, in their order."""
    return {
        "verdicts": partial(verdicts, settings),
        "form": partial(form, settings),
        "refusal": refusal,
        "leak": leak(documents),
        "tags": tags,
        "giveaway": giveaway,
        "language": language(settings, documents),
    }
