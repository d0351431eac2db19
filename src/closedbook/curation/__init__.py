"""Keeps the generated rows worth training on, and the reason for every one dropped.

Each rule is a small file in `filters`; `sieve` applies them, `contamination` and `duplicates`;
`coverage` tells what the kept pairs ask about, `refill` has more generated where that is little.
Knows nothing of how rows are made or will be mixed.
"""

from closedbook.curation.curate import Generated, below_target, curate
from closedbook.curation.filters import FILTERS, Filter
from closedbook.curation.refill import Again
from closedbook.curation.sieve import own_filters

__all__ = ["FILTERS", "Again", "Filter", "Generated", "below_target", "curate", "own_filters"]
