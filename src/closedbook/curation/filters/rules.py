"""The built-in filters in their order, and the registry of all others."""

from __future__ import annotations

from collections.abc import Callable, Mapping

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
"""The filters of projects and packages; those of RULES run unless `curate.without` names them."""
RULES: dict[str, Callable[[Curate, Mapping[str, Document]], Filter]] = {
    "verdicts": verdicts,
    "form": form,
    "refusal": refusal,
    "leak": leak,
    "tags": tags,
    "giveaway": giveaway,
    "language": language,
}
"""The built-in ones, in their order; each is made from the settings and the documents by id."""
