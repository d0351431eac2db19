"""Keeps the generated rows worth training on, and the reason for every one dropped.

Each filter is a small function in `filters`; `curate` runs them. Knows nothing of how rows were
made or will be mixed.
"""

from closedbook.curation.curate import curate, own_filters
from closedbook.curation.filters import FILTERS, Filter

__all__ = ["FILTERS", "Filter", "curate", "own_filters"]
