"""In-context examples: made by a flow, kept in a file that a person edits, shown in prompts.

Knows documents and the file; which prompts show an example is the flows' matter.
"""

from closedbook.icl.choosing import Choosing
from closedbook.icl.example import Asked, Example, load_examples
from closedbook.icl.making import MadeExamples, make_examples, refuse_to_overwrite

__all__ = [
    "Asked",
    "Choosing",
    "Example",
    "MadeExamples",
    "load_examples",
    "make_examples",
    "refuse_to_overwrite",
]
