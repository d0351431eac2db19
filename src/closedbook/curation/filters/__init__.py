"""Filters: each says why a pair must go, or "" to keep it. One small file for each rule.

Reasons are short fixed phrases, so that they can be counted. A project adds its own in a Python
file below `filters/`, with the decorator `FILTERS.register(NAME)`.
"""

from closedbook.curation.filters.rules import FILTERS, Filter, rules

__all__ = ["FILTERS", "Filter", "rules"]
