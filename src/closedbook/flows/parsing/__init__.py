"""From a reply to columns: blocks of tags, JSON, the whole text, or a parser of the user's.

Reads texts and knows nothing of who wrote them.
"""

from closedbook.flows.parsing.blocks import form_of, parse_blocks
from closedbook.flows.parsing.choices import chosen
from closedbook.flows.parsing.form import Form, Own, Structured, Whole, says_nothing
from closedbook.flows.parsing.objects import parse_objects

__all__ = [
    "Form",
    "Own",
    "Structured",
    "Whole",
    "chosen",
    "form_of",
    "parse_blocks",
    "parse_objects",
    "says_nothing",
]
